package dev.breakwater.oci;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Locale;
import java.util.Optional;

/** The digest algorithms that content may be addressed by here. */
public enum DigestAlgorithm {
  /** What practically all content uses. */
  SHA256("SHA-256", 64),
  /** The specification's second registered algorithm. */
  SHA512("SHA-512", 128);

  private final String javaName;
  private final int hexLength;
  private final String prefix;

  DigestAlgorithm(String javaName, int hexLength) {
    this.javaName = javaName;
    this.hexLength = hexLength;
    this.prefix = name().toLowerCase(Locale.ROOT);
  }

  /** The algorithm of that name as it stands before the colon of a digest. */
  public static Optional<DigestAlgorithm> byPrefix(String prefix) {
    for (DigestAlgorithm algorithm : values()) {
      if (algorithm.prefix.equals(prefix)) {
        return Optional.of(algorithm);
      }
    }
    return Optional.empty();
  }

  /** The name before the colon: {@code sha256}. */
  public String prefix() {
    return prefix;
  }

  /** How many hexadecimal characters an encoded digest has. */
  public int hexLength() {
    return hexLength;
  }

  /** A fresh running digest; not thread-safe. */
  public MessageDigest newMessageDigest() {
    try {
      return MessageDigest.getInstance(javaName);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + javaName, e);
    }
  }
}
