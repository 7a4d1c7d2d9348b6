package dev.breakwater.upstream;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/**
 * Where the login of one registry is fetched from, if its name and password are not configured.
 *
 * @param dockerConfig docker's {@code config.json}, or a file like it
 * @param helper the end of the name of a program {@code docker-credential-NAME}; not beside a file
 * @param refresh after what time a credential helper is asked again
 * @param environment what credential helpers get of variables
 */
public record CredentialSettings(
    Optional<Path> dockerConfig,
    Optional<String> helper,
    Duration refresh,
    Map<String, String> environment) {
  /** From nowhere. */
  public static final CredentialSettings NONE =
      new CredentialSettings(Optional.empty(), Optional.empty(), Duration.ofMinutes(10), Map.of());

  /** Freezes the variables. */
  public CredentialSettings {
    environment = Map.copyOf(environment);
  }

  /** Without the variables, which hold secrets. */
  @Override
  public String toString() {
    return "CredentialSettings[" + dockerConfig + ", " + helper + ", " + refresh + "]";
  }
}
