package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * Upstream's side of a fill: one transfer that is taken up again where it broke. Everything, calls
 * and {@link Events}, happens on the fill's context.
 */
final class FillTransfer {
  /** What becomes of it. */
  interface Events {
    /** Upstream sends; the blob's size, or -1 if only the end will tell. */
    void opened(long size);

    /** Bytes have come. Returns false if no more are wanted until {@link #resume}. */
    boolean arrived(long offset, Buffer bytes);

    /** All bytes have come; the blob's size. */
    void finished(long size);

    /** The rest will not come. */
    void failed(UpstreamException cause);
  }

  private final Vertx vertx;
  private final Digest digest;
  private final BlobSource source;
  private final FillSettings settings;
  private final Events events;

  private @Nullable BlobTransfer transfer;
  private long position;
  private long size;
  private long skip;
  private int failures;
  private boolean answered;
  private boolean paused;
  private boolean over;

  FillTransfer(
      Vertx vertx, Digest digest, BlobSource source, FillSettings settings, Events events) {
    this.vertx = vertx;
    this.digest = digest;
    this.source = source;
    this.settings = settings;
    this.events = events;
  }

  /**
   * Fetches from {@code position} to the end, of a blob of this size, -1 if unknown. Called once,
   * or again after {@link Events#finished} to fetch everything anew.
   */
  void fetch(long position, long size) {
    this.position = position;
    this.size = size;
    this.over = false;
    this.failures = 0;
    if (size >= 0 && position == size) {
      finish();
      return;
    }
    open();
  }

  void pause() {
    paused = true;
    if (transfer != null) {
      transfer.pause();
    }
  }

  void resume() {
    if (paused) {
      paused = false;
      if (transfer != null) {
        transfer.resume();
      }
    }
  }

  /** Gives up, without a further event. */
  void cancel() {
    over = true;
    if (transfer != null) {
      transfer.cancel();
      transfer = null;
    }
  }

  private void open() {
    source
        .open(digest, position, OptionalLong.empty())
        .onSuccess(this::begin)
        .onFailure(failure -> broken(asUpstream(failure)));
  }

  private void begin(BlobTransfer opened) {
    if (over) {
      opened.cancel();
      return;
    }
    OptionalLong total = opened.totalSize();
    if (size >= 0 && total.isPresent() && total.getAsLong() != size) {
      opened.cancel();
      fail(wrongLength(total.getAsLong()));
      return;
    }
    if (opened.offset() > position) {
      opened.cancel();
      fail(invalid("sent " + digest + " from the wrong offset"));
      return;
    }
    if (total.isPresent()) {
      size = total.getAsLong();
    }
    transfer = opened;
    // Upstream may ignore the range and begin at 0 again: what is here already is skipped.
    skip = position - opened.offset();
    if (!answered) {
      answered = true;
      events.opened(size);
    }
    opened.handler(bytes -> arrived(opened, bytes));
    opened
        .completion()
        .onComplete(
            result -> {
              if (over || !opened.equals(transfer)) {
                return;
              }
              transfer = null;
              if (result.succeeded()) {
                ended();
              } else {
                broken(asUpstream(result.cause()));
              }
            });
    if (!paused) {
      opened.resume();
    }
  }

  private void arrived(BlobTransfer from, Buffer bytes) {
    if (over || !from.equals(transfer)) {
      return;
    }
    Buffer fresh = bytes;
    if (skip > 0) {
      if (bytes.length() <= skip) {
        skip -= bytes.length();
        return;
      }
      fresh = bytes.slice((int) skip, bytes.length());
      skip = 0;
    }
    if (size >= 0 && position + fresh.length() > size) {
      fail(wrongLength(position + fresh.length()));
      return;
    }
    long offset = position;
    position += fresh.length();
    failures = 0;
    if (!events.arrived(offset, fresh)) {
      pause();
    }
  }

  private void ended() {
    if (size < 0) {
      size = position;
    }
    if (position < size) {
      broken(
          new UpstreamException(
              UpstreamOutcome.CONNECT,
              source + " ended " + digest + " after " + position + " of " + size + " bytes",
              null));
      return;
    }
    finish();
  }

  private void finish() {
    over = true;
    events.finished(size);
  }

  /** Takes the transfer up again, unless upstream has said no or this goes on for too long. */
  private void broken(UpstreamException cause) {
    if (over) {
      return;
    }
    failures++;
    if (!answered || !cause.outcome().isUnwell() || failures > settings.resumes()) {
      fail(cause);
      return;
    }
    long delay = settings.resumeDelay().toMillis() << (failures - 1);
    long jittered = delay / 2 + ThreadLocalRandom.current().nextLong(delay / 2 + 1);
    vertx.setTimer(
        Math.max(1, jittered),
        timer -> {
          if (!over) {
            open();
          }
        });
  }

  private void fail(UpstreamException cause) {
    cancel();
    events.failed(cause);
  }

  private UpstreamException wrongLength(long told) {
    return invalid("has " + told + " bytes for " + digest + ", expected " + size);
  }

  private UpstreamException invalid(String what) {
    return new UpstreamException(UpstreamOutcome.INVALID, source + " " + what, null);
  }

  private UpstreamException asUpstream(Throwable failure) {
    return failure instanceof UpstreamException known
        ? known
        : new UpstreamException(
            UpstreamOutcome.INVALID, "pulling " + digest + " of " + source + " failed", failure);
  }
}
