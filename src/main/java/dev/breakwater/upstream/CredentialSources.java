package dev.breakwater.upstream;

import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;

/** Makes the sources of the logins of one registry. */
final class CredentialSources {
  /** How long a change of a file may go unnoticed while its login is used. */
  private static final Duration FILE_AGE = Duration.ofSeconds(10);

  private CredentialSources() {}

  /**
   * As the settings have them; the caller closes them. Reads the files and looks for the programs,
   * and throws {@link IllegalArgumentException} for what cannot be used.
   */
  static List<CredentialSource> open(Vertx vertx, UpstreamSettings settings, LongSupplier clock) {
    List<CredentialSource> sources = new ArrayList<>();
    String zone = settings.zone().value();
    for (AccountSettings account : settings.accounts()) {
      sources.add(
          account
              .passwordFile()
              .map(file -> ofFile(vertx, zone, account.login(), file, clock))
              .orElseGet(() -> CredentialSource.of(account.login())));
    }
    CredentialSettings fetched = settings.credentials();
    ServerAddress server = ServerAddress.of(settings.url());
    HelperLogins helpers =
        new HelperLogins(server, fetched.environment(), fetched.refresh(), clock);
    if (fetched.helper().isPresent()) {
      String helper = fetched.helper().get();
      verify(zone, "credentialHelper", () -> helpers.verify(helper));
      sources.add(
          new RenewedCredentials(
              vertx, zone, helper, renew -> helpers.required(helper), fetched.refresh(), clock));
    }
    if (fetched.dockerConfig().isPresent()) {
      Path file = fetched.dockerConfig().get();
      DockerConfigLogin login = new DockerConfigLogin(file, server, helpers);
      verify(zone, "dockerConfig", login::verify);
      sources.add(new RenewedCredentials(vertx, zone, "dockerConfig", login, FILE_AGE, clock));
    }
    return List.copyOf(sources);
  }

  private static CredentialSource ofFile(
      Vertx vertx, String zone, Credentials login, Path file, LongSupplier clock) {
    RenewedCredentials renewed =
        new RenewedCredentials(
            vertx, zone, login.username(), new PasswordFile(zone, login, file), FILE_AGE, clock);
    renewed.startWith(login);
    return renewed;
  }

  /** Something that may be unusable. */
  @FunctionalInterface
  private interface Check {
    void run() throws CredentialException;
  }

  private static void verify(String zone, String key, Check check) {
    try {
      check.run();
    } catch (CredentialException e) {
      throw new IllegalArgumentException("upstreams." + zone + "." + key + ": " + e.getMessage());
    }
  }
}
