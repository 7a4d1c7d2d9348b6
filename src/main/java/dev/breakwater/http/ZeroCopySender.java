package dev.breakwater.http;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.internal.ContextInternal;
import io.vertx.core.net.impl.VertxConnection;
import java.nio.channels.FileChannel;
import java.util.function.LongConsumer;

/**
 * Sends from the page cache to the socket inside the kernel. Vert.x offers that publicly for whole
 * answers only ({@code response.sendFile}); a file that still grows needs the same for one region
 * after the other, which its connection class can do. This is the only class that uses it so;
 * {@link CopyingSender} is the way without.
 */
final class ZeroCopySender implements FileSender {
  /** Just under the size at which Vert.x would split a region itself, so that we see each leave. */
  private static final long PIECE = 1024 * 1024 - 64 * 1024;

  private final VertxConnection connection;
  private final ContextInternal context;

  ZeroCopySender(HttpServerRequest request) {
    connection = (VertxConnection) request.connection();
    context = connection.context();
  }

  @Override
  public Future<Void> send(FileChannel file, long offset, long length, LongConsumer sent) {
    Promise<Void> done = Promise.promise();
    sendPiece(file, offset, length, sent, done);
    return done.future();
  }

  private void sendPiece(
      FileChannel file, long offset, long left, LongConsumer sent, Promise<Void> done) {
    long piece = Math.min(left, PIECE);
    connection
        .sendFile(file, offset, piece)
        .addListener(
            written -> {
              if (!written.isSuccess()) {
                context.emit(written.cause(), cause -> done.fail(reason(cause)));
                return;
              }
              context.emit(
                  piece,
                  count -> {
                    sent.accept(count);
                    if (count == left) {
                      done.complete();
                    } else {
                      sendPiece(file, offset + count, left - count, sent, done);
                    }
                  });
            });
  }

  /**
   * The kernel says of one call that moves bytes from a file to a socket only that it failed. What
   * can go wrong with the file is told by words: it ends early (Netty's own), or the disk fails.
   */
  private static Throwable reason(Throwable cause) {
    String message = String.valueOf(cause.getMessage());
    return message.contains("Input/output error") || message.contains("Underlying file size")
        ? cause
        : new ClientLeftException(cause.toString());
  }
}
