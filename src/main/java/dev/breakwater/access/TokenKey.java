package dev.breakwater.access;

import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;

/** The key by which tokens are signed, in a file that only its owner may read. */
public final class TokenKey {
  private static final int BYTES = 32;
  private static final String PERMISSIONS = "rw-------";

  private TokenKey() {}

  /**
   * Reads the key; makes it if there is none. Blocks.
   *
   * @throws IOException if it cannot be read or written, with a message for the operator
   */
  public static byte[] load(Path file) throws IOException {
    try {
      if (!Files.exists(file)) {
        make(file);
      }
      byte[] key = Files.readAllBytes(file);
      if (key.length == BYTES) {
        return key;
      }
    } catch (IOException e) {
      throw new IOException(
          "the key of tokens cannot be read or written (" + DiskReason.withFile(e) + ")", e);
    }
    throw new IOException(
        "the key of tokens in "
            + Quoted.of(file.toString())
            + " does not have 32 bytes; delete the file, and clients get new tokens");
  }

  /** By a rename, so that a crash leaves no half of it. */
  private static void make(Path file) throws IOException {
    byte[] key = new byte[BYTES];
    new SecureRandom().nextBytes(key);
    Path temporary = file.resolveSibling(file.getFileName() + ".tmp");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(PERMISSIONS)));
    Files.write(temporary, key);
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
