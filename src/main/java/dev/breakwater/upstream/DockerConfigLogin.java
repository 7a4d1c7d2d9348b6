package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import dev.breakwater.tls.FileVersion;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The login of one registry in docker's {@code config.json}: from the registry's own credential
 * helper ({@code credHelpers}), else what is written in the file ({@code auths}), else from the
 * credential helper of all registries ({@code credsStore}). The file is read again when it has
 * changed.
 */
final class DockerConfigLogin implements CredentialLoader {
  private static final long MAX_SIZE = 1024 * 1024;

  private final Path file;
  private final ServerAddress server;
  private final HelperLogins helpers;
  private @Nullable FileVersion version;
  private DockerConfig config;

  /** Reads nothing yet. */
  DockerConfigLogin(Path file, ServerAddress server, HelperLogins helpers) {
    this.file = file;
    this.server = server;
    this.helpers = helpers;
    this.config = new DockerConfig(subject(), Map.of(), Map.of(), Optional.empty());
  }

  /**
   * Whether the file is usable and has, or may have, a login for the registry; to be called once,
   * before {@link #load}.
   */
  void verify() throws CredentialException {
    readIfChanged();
    Optional<String> helper = config.helperOf(server);
    if (helper.isPresent()) {
      helpers.verify(helper.get());
      return;
    }
    if (config.loginOf(server).isPresent()) {
      return;
    }
    if (config.store().isEmpty()) {
      throw new CredentialException(
          subject()
              + " has no login for "
              + Quoted.of(server.text())
              + "; write one with docker login "
              + (server.text().startsWith("https:") ? "" : server.text() + " ")
              + "or remove the key");
    }
    helpers.verify(config.store().get());
  }

  @Override
  public Optional<Credentials> load(boolean renew) throws CredentialException {
    readIfChanged();
    Optional<String> own = config.helperOf(server);
    if (own.isPresent()) {
      return helpers.login(own.get(), renew);
    }
    Optional<Credentials> written = config.loginOf(server);
    return written.isPresent() || config.store().isEmpty()
        ? written
        : helpers.login(config.store().get(), renew);
  }

  private void readIfChanged() throws CredentialException {
    try {
      FileVersion found = FileVersion.of(file);
      if (found.equals(version)) {
        return;
      }
      if (!Files.isRegularFile(file) || found.size() > MAX_SIZE) {
        throw new CredentialException(subject() + " is no file of at most 1 MiB");
      }
      config = DockerConfig.parse(subject(), Files.readAllBytes(file));
      version = found;
    } catch (NoSuchFileException e) {
      throw new CredentialException(subject() + " does not exist");
    } catch (IOException e) {
      throw new CredentialException(subject() + " cannot be read; check its permissions");
    }
  }

  private String subject() {
    return "the docker configuration " + Quoted.of(file.toString());
  }
}
