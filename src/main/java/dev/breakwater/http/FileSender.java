package dev.breakwater.http;

import io.vertx.core.Future;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/** Sends pieces of files as part of an answer whose head is written. Confined to its event loop. */
interface FileSender {
  /**
   * Sends the bytes, no faster than the client takes them.
   *
   * @param sent told how many more bytes have left, each time some have
   * @return completes after the last byte has left; fails with {@link ClientLeftException} if the
   *     client takes no more, with {@link java.io.IOException} if the file cannot be read
   */
  Future<Void> send(FileChannel file, long offset, long length, LongConsumer sent);
}
