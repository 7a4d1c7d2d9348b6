package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import dev.breakwater.tls.FileVersion;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The login of an account whose password is in a file, which is read again when it has changed. */
final class PasswordFile implements CredentialLoader {
  private static final Logger LOG = LoggerFactory.getLogger(PasswordFile.class);
  private static final long MAX_SIZE = 64 * 1024;

  /** What {@code config print} writes in place of a secret. */
  private static final String REDACTED = "(redacted)";

  private final String zone;
  private final Path file;
  private Credentials login;
  private @Nullable FileVersion version;

  /**
   * Reads nothing yet.
   *
   * @param zone the registry, for the log
   * @param login as it was read at the start
   */
  PasswordFile(String zone, Credentials login, Path file) {
    this.zone = zone;
    this.login = login;
    this.file = file;
  }

  @Override
  public Optional<Credentials> load(boolean renew) throws CredentialException {
    try {
      FileVersion found = FileVersion.of(file);
      if (!found.equals(version)) {
        read();
        version = found;
      }
      return Optional.of(login);
    } catch (NoSuchFileException e) {
      throw unusable("does not exist; write the password into it");
    } catch (CharacterCodingException e) {
      throw unusable("is not UTF-8 text; write the password alone into it");
    } catch (IOException e) {
      throw unusable("cannot be read; check its permissions");
    }
  }

  private void read() throws IOException, CredentialException {
    if (!Files.isRegularFile(file) || Files.size(file) > MAX_SIZE) {
      throw unusable("is no file of at most 64 KiB; write the password alone into it");
    }
    String text = Files.readString(file).replaceFirst("\\R\\z", "");
    if (text.isEmpty()) {
      throw unusable("is empty; write the password into it");
    }
    if (text.equals(REDACTED)) {
      throw unusable("holds " + REDACTED + " in place of a password; write the password into it");
    }
    Credentials found;
    try {
      found = new Credentials(login.username(), text);
    } catch (IllegalArgumentException e) {
      throw unusable("has control characters; write the password alone into it, on one line");
    }
    if (!found.equals(login)) {
      login = found;
      LOG.info(
          "[{}] the password file {} has changed: {} logs in with the new password",
          zone,
          file,
          login.username());
    }
  }

  private CredentialException unusable(String why) {
    return new CredentialException("the password file " + Quoted.of(file.toString()) + " " + why);
  }
}
