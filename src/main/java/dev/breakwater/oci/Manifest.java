package dev.breakwater.oci;

import java.util.Objects;

/**
 * A manifest as it is stored and served: verbatim bytes, the media type it was given with, and the
 * digest of the bytes. Two manifests are equal if digest and media type are.
 */
public final class Manifest {
  /** The largest manifest taken, stored or served: what every client and registry agrees on. */
  public static final int MAX_SIZE = 4 * 1024 * 1024;

  private final Digest digest;
  private final MediaType mediaType;
  private final byte[] bytes;

  /**
   * Joins what belongs together. The digest is not computed again: callers either did that or read
   * the bytes from the index, which only takes verified ones.
   */
  public Manifest(Digest digest, MediaType mediaType, byte[] bytes) {
    this.digest = digest;
    this.mediaType = mediaType;
    this.bytes = bytes;
  }

  /** The digest of {@link #bytes()}. */
  public Digest digest() {
    return digest;
  }

  /** The type it was stored with and is always answered with. */
  public MediaType mediaType() {
    return mediaType;
  }

  /** The verbatim bytes, shared: never to be changed. */
  public byte[] bytes() {
    return bytes;
  }

  /** The length in bytes. */
  public int size() {
    return bytes.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Manifest that
        && digest.equals(that.digest)
        && mediaType.equals(that.mediaType);
  }

  @Override
  public int hashCode() {
    return Objects.hash(digest, mediaType);
  }

  @Override
  public String toString() {
    return mediaType + " " + digest + " (" + bytes.length + " bytes)";
  }
}
