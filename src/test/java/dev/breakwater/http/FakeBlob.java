package dev.breakwater.http;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A blob in a file that can be served in every way a repository may: whole, in pieces that come one
 * by one from file and memory in turn, failing or falling silent in the middle. Remembers the
 * bodies it gave out.
 */
final class FakeBlob {
  final byte[] content;
  final Digest digest;
  final List<Body> bodies = new CopyOnWriteArrayList<>();
  private final Path file;

  FakeBlob(Path directory, int size) {
    content = new byte[size];
    new Random(size).nextBytes(content);
    digest = Digest.ofSha256(content);
    file = directory.resolve(digest.hex());
    try {
      Files.write(file, content);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final Future<Void> NEVER = Promise.<Void>promise().future();

  /** A complete file, answered with one region. */
  BlobBody whole() {
    return remember(new Body(Integer.MAX_VALUE, Long.MAX_VALUE, NEVER, false));
  }

  /** Pieces, each a moment after it was asked for. */
  BlobBody growing(int piece) {
    return remember(new Body(piece, Long.MAX_VALUE, NEVER, true));
  }

  /** Pieces at once, as when a download is far ahead of its reader. */
  BlobBody pieces(int piece) {
    return remember(new Body(piece, Long.MAX_VALUE, NEVER, false));
  }

  /** Fails when the byte at this offset is asked for. */
  BlobBody failingAt(long offset) {
    Future<Void> broken =
        Future.failedFuture(new RegistryException(ErrorCode.UNAVAILABLE, "upstream broke off"));
    return remember(new Body(1000, offset, broken, true));
  }

  /** Never answers when the byte at this offset is asked for. */
  BlobBody silentAt(long offset) {
    return haltingAt(offset, NEVER);
  }

  /** Goes on from this offset only when told. */
  BlobBody haltingAt(long offset, Future<Void> go) {
    return remember(new Body(1000, offset, go, true));
  }

  private Body remember(Body body) {
    bodies.add(body);
    return body;
  }

  final class Body implements BlobBody {
    private final int piece;
    private final long gateAt;
    private final Future<Void> gate;
    private final boolean later;
    private final FileChannel channel;
    private final Promise<Void> closed = Promise.promise();
    private boolean fromMemory;

    Body(int piece, long gateAt, Future<Void> gate, boolean later) {
      this.piece = piece;
      this.gateAt = gateAt;
      this.gate = gate;
      this.later = later;
      try {
        channel = FileChannel.open(file, StandardOpenOption.READ);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    @Override
    public Digest digest() {
      return digest;
    }

    @Override
    public long size() {
      return content.length;
    }

    @Override
    public Future<Region> next(long from, long to) {
      if (from < gateAt) {
        return region(from, Math.min(to, gateAt));
      }
      Context context = Vertx.currentContext();
      if (gate.isComplete()) {
        return gate.compose(opened -> region(from, to));
      }
      Promise<Void> home = Promise.promise();
      gate.onComplete(opened -> context.runOnContext(ran -> home.handle(opened)));
      return home.future().compose(opened -> region(from, to));
    }

    private Future<Region> region(long from, long to) {
      long length = Math.min(to - from, piece);
      fromMemory = piece != Integer.MAX_VALUE && !fromMemory;
      Region region =
          fromMemory
              ? new Region.OfBuffer(
                  Buffer.buffer(Arrays.copyOfRange(content, (int) from, (int) (from + length))))
              : new Region.OfFile(channel, from, length);
      if (!later) {
        return Future.succeededFuture(region);
      }
      Promise<Region> promise = Promise.promise();
      Vertx.currentContext().runOnContext(ran -> promise.complete(region));
      return promise.future();
    }

    /** Completes when the body has been closed. */
    Future<Void> closed() {
      return closed.future();
    }

    @Override
    public void close() {
      if (!closed.tryComplete()) {
        throw new AssertionError("closed twice");
      }
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }
}
