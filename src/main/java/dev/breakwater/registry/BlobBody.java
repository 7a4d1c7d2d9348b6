package dev.breakwater.registry;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import io.vertx.core.Future;

/**
 * The bytes of one blob for one answer: a file that is complete, or one that grows while upstream
 * sends. Used from one Vert.x context; futures complete there.
 */
public interface BlobBody extends AutoCloseable {
  /** The blob's digest. */
  Digest digest();

  /** The type it is answered with; the same as {@link Blobs#stat} tells. */
  default MediaType mediaType() {
    return MediaType.OCTET_STREAM;
  }

  /** The blob's size in bytes, known from the start. */
  long size();

  /**
   * The next bytes of the answer, as soon as at least one of them may be sent. A region starts at
   * {@code from}, has at least one byte and ends at {@code to} or before. Fails with {@link
   * dev.breakwater.oci.RegistryException} when the rest will never come; the answer must then be
   * cut short.
   *
   * @param from offset of the first byte wanted
   * @param to offset after the last byte wanted, greater than {@code from}
   */
  Future<Region> next(long from, long to);

  /** The file of a region could not be read as far as the region goes; the answer ends short. */
  default void unreadable(Throwable cause) {
    // A source of another kind reports nothing.
  }

  /** Ends the use of the bytes; idempotent. A region must not be used afterwards. */
  @Override
  void close();
}
