package dev.breakwater.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;

/**
 * A blob or manifest in a file.
 *
 * @param mediaType what a descriptor calls it
 * @param digest of the file's bytes
 * @param size in bytes
 */
record Blob(String mediaType, String digest, long size, Path file) {

  static Blob of(String mediaType, Path file) {
    try (InputStream in = Files.newInputStream(file)) {
      return new Blob(mediaType, digest(in), Files.size(file), file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The digest of everything that is left in the stream. */
  static String digest(InputStream in) throws IOException {
    MessageDigest sha256 = sha256();
    in.transferTo(new DigestOutputStream(OutputStream.nullOutputStream(), sha256));
    return digest(sha256);
  }

  /** The digest as the registry writes it. */
  static String digest(MessageDigest sha256) {
    return "sha256:" + HexFormat.of().formatHex(sha256.digest());
  }

  static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  Map<String, Object> descriptor() {
    return Map.of("mediaType", mediaType, "digest", digest, "size", size);
  }
}
