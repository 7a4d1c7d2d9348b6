package dev.breakwater.oci;

import java.util.Objects;

/**
 * A manifest as it is stored and served: verbatim bytes, the media type it was given with, and the
 * digest of the bytes. Two manifests are equal if digest and media type are.
 *
 * @param digest of the bytes; it is not computed again: callers either did that or read the bytes
 *     from the index, which only takes verified ones
 * @param mediaType the type it was stored with and is always answered with
 * @param bytes verbatim and shared: never to be changed
 */
public record Manifest(Digest digest, MediaType mediaType, byte[] bytes) {
  /** The largest manifest taken, stored or served: what every client and registry agrees on. */
  public static final int MAX_SIZE = 4 * 1024 * 1024;

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
