package dev.breakwater.registry;

import io.vertx.core.buffer.Buffer;
import java.nio.channels.FileChannel;

/** Some consecutive bytes of a blob, where they are right now. */
public sealed interface Region {
  /** How many bytes, at least one. */
  long length();

  /**
   * Bytes of a file, for the kernel to send.
   *
   * @param file the open file; it belongs to the body, which closes it
   * @param offset where the bytes begin in the file
   * @param length how many
   */
  record OfFile(FileChannel file, long offset, long length) implements Region {}

  /**
   * Bytes in memory, shared with other answers: read only.
   *
   * @param buffer the bytes
   */
  record OfBuffer(Buffer buffer) implements Region {
    @Override
    public long length() {
      return buffer.length();
    }
  }
}
