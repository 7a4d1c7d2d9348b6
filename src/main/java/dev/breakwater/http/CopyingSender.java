package dev.breakwater.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Objects;
import java.util.function.LongConsumer;

/**
 * Reads pieces on worker threads and writes them as buffers, reading the next while one is on its
 * way. For TLS, where Vert.x' own file sending reads 8 KiB at a time on the event loop
 * (docs/findings.md#file-sending).
 */
record CopyingSender(HttpServerResponse response, WorkerExecutor readers) implements FileSender {
  private static final int PIECE = 256 * 1024;

  @Override
  public Future<Void> send(FileChannel file, long offset, long length, LongConsumer sent) {
    return new Run(file, offset + length, sent).start(offset);
  }

  private final class Run {
    private final FileChannel file;
    private final long end;
    private final LongConsumer sent;
    private final Promise<Void> done = Promise.promise();

    Run(FileChannel file, long end, LongConsumer sent) {
      this.file = file;
      this.end = end;
      this.sent = sent;
    }

    Future<Void> start(long offset) {
      take(read(offset), offset);
      return done.future();
    }

    private void take(Future<Buffer> reading, long at) {
      reading.onSuccess(piece -> write(piece, at)).onFailure(done::tryFail);
    }

    private void write(Buffer piece, long at) {
      long next = at + piece.length();
      Future<Void> writing = response.write(piece);
      if (next == end) {
        writing.onComplete(
            written -> {
              if (count(written.failed(), piece)) {
                done.tryComplete();
              }
            });
        return;
      }
      Future<Buffer> reading = read(next);
      writing.onComplete(
          written -> {
            if (count(written.failed(), piece)) {
              take(reading, next);
            }
          });
    }

    private boolean count(boolean failed, Buffer piece) {
      if (failed) {
        done.tryFail(new ClientLeftException("takes no more bytes"));
        return false;
      }
      sent.accept(piece.length());
      return true;
    }

    private Future<Buffer> read(long at) {
      int length = (int) Math.min(PIECE, end - at);
      return readers
          .executeBlocking(() -> readFully(file, at, length), false)
          .map(piece -> Objects.requireNonNull(piece));
    }
  }

  private static Buffer readFully(FileChannel file, long at, int length) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(length);
    while (bytes.hasRemaining()) {
      if (file.read(bytes, at + bytes.position()) < 0) {
        throw new IOException("the file ends " + bytes.remaining() + " bytes early");
      }
    }
    ByteBuf wrapped = Unpooled.wrappedBuffer(bytes.flip());
    return BufferInternal.buffer(wrapped);
  }
}
