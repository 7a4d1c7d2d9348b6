package dev.breakwater.oci;

import java.util.HexFormat;
import java.util.Locale;
import java.util.Optional;

/**
 * A content digest: {@code sha256:} or {@code sha512:} and lower-case hexadecimal of the exact
 * length. File names are made of {@link #hex()}, so nothing else may ever get in here.
 *
 * @param algorithm how the content was hashed
 * @param hex the encoded part, lower-case, of the algorithm's length
 */
public record Digest(DigestAlgorithm algorithm, String hex)
    implements Reference, Comparable<Digest> {
  /** The most bytes that a blob may have here; a size above is an error or an attack. */
  public static final long LARGEST_CONTENT = 32L << 30;

  /**
   * Checks length and characters.
   *
   * @throws RegistryException {@code DIGEST_INVALID}
   */
  public Digest {
    if (!isHex(algorithm, hex)) {
      throw invalid(algorithm.prefix() + ":" + hex);
    }
  }

  /**
   * Reads {@code algorithm:hex}.
   *
   * @throws RegistryException {@code DIGEST_INVALID}
   */
  public static Digest parse(String text) {
    return tryParse(text).orElseThrow(() -> invalid(text));
  }

  /** Reads {@code algorithm:hex}; empty if it is not one. */
  public static Optional<Digest> tryParse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      return Optional.empty();
    }
    String hex = text.substring(colon + 1);
    return DigestAlgorithm.byPrefix(text.substring(0, colon))
        .filter(algorithm -> isHex(algorithm, hex))
        .map(algorithm -> new Digest(algorithm, hex));
  }

  /** The digest that a finished {@link java.security.MessageDigest} gave. */
  public static Digest ofHash(DigestAlgorithm algorithm, byte[] hash) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /** Hashes the content. */
  public static Digest of(DigestAlgorithm algorithm, byte[] content) {
    return ofHash(algorithm, algorithm.newMessageDigest().digest(content));
  }

  /** Hashes the content with SHA-256. */
  public static Digest ofSha256(byte[] content) {
    return of(DigestAlgorithm.SHA256, content);
  }

  /**
   * Whether a content of this size, in bytes, can have this digest: not above {@link
   * #LARGEST_CONTENT}, and 0 only if it is the digest of nothing.
   */
  public boolean mayHaveSize(long size) {
    return (size > 0 && size <= LARGEST_CONTENT)
        || (size == 0 && equals(of(algorithm, new byte[0])));
  }

  /** The raw hash, as it stands in index keys. */
  public byte[] hash() {
    return HexFormat.of().parseHex(hex);
  }

  private static boolean isHex(DigestAlgorithm algorithm, String hex) {
    if (hex.length() != algorithm.hexLength()) {
      return false;
    }
    for (int i = 0; i < hex.length(); i++) {
      if (!Grammar.isLowerHex(hex.charAt(i))) {
        return false;
      }
    }
    return true;
  }

  private static RegistryException invalid(String text) {
    String hint =
        tryParse(text.toLowerCase(Locale.ROOT)).isPresent()
            ? "write it in lower case"
            : "expected sha256: and 64, or sha512: and 128, lower-case hexadecimal characters";
    return new RegistryException(
        ErrorCode.DIGEST_INVALID, "digest " + Quoted.of(text) + " is not valid: " + hint);
  }

  @Override
  public int compareTo(Digest other) {
    int byAlgorithm = algorithm.compareTo(other.algorithm);
    return byAlgorithm != 0 ? byAlgorithm : hex.compareTo(other.hex);
  }

  @Override
  public String toString() {
    return algorithm.prefix() + ':' + hex;
  }
}
