package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * One stretch of a blob on its way from upstream, by one request. Everything, calls and {@link
 * Events}, happens on the download's context.
 */
final class Segment {
  /** Where a segment ends while the blob's size is unknown. */
  static final long UNKNOWN = Long.MAX_VALUE;

  /** Makes a segment {@code [start, end)} that is not open yet. */
  interface Maker {
    Segment make(long start, long end);
  }

  /** What becomes of a segment. */
  interface Events {
    /** Upstream sends; says the blob's size if it did. Throws if the answer cannot be right. */
    void answered(Segment segment, OptionalLong total) throws UpstreamException;

    /** Bytes have come. */
    void arrived(Segment segment, long offset, Buffer bytes);

    /** The last event: all its bytes have come (null), or no more will. */
    void over(Segment segment, @Nullable UpstreamException cause);
  }

  private final Digest digest;
  private final BlobSource source;
  private final Events events;
  private long start;
  private @Nullable BlobTransfer transfer;
  private long position;
  private long end;
  private long skip;
  private long wantedUntil;
  private int tries;
  private boolean bounded;
  private boolean answered;
  private boolean ignoresRange;
  private boolean paused;
  private boolean over;

  /** A segment {@code [start, end)}; {@link #open} asks for it. */
  Segment(Digest digest, BlobSource source, long start, long end, Events events) {
    this.digest = digest;
    this.source = source;
    this.start = start;
    this.position = start;
    this.end = end;
    this.events = events;
  }

  /** Offset of the next byte to come. */
  long position() {
    return position;
  }

  /** The offset after its last byte, or {@link #UNKNOWN}. */
  long end() {
    return end;
  }

  /** How many bytes are to come. */
  long rest() {
    return end - position;
  }

  /** Whether bytes of it have come. */
  boolean hasBegun() {
    return position > start;
  }

  /** Whether the request has a Range: it asks for less than the whole blob. */
  boolean isRanged() {
    return start > 0 || bounded;
  }

  /** Whether upstream has begun to send what was asked. */
  boolean isAnswered() {
    return answered;
  }

  /** Whether its transfer goes on to the blob's end, so that a later end costs no request. */
  boolean runsToTheEnd() {
    return !bounded;
  }

  /** Whether upstream sends the whole blob although a part was asked. */
  boolean ignoresRange() {
    return ignoresRange;
  }

  /**
   * Takes everything that upstream sends, from the blob's first byte on, because it ignored the
   * range; only while it is being answered.
   *
   * @param newEnd the blob's size, or {@link #UNKNOWN}
   */
  void takeWhole(long newEnd) {
    start = 0;
    position = 0;
    skip = 0;
    end = newEnd;
    bounded = false;
  }

  /** Whether a reader waits for bytes of it that have not come. */
  boolean isWanted() {
    return position < wantedUntil;
  }

  /** A reader waits for what lies before this offset. */
  void wantUntil(long offset) {
    wantedUntil = Math.max(wantedUntil, offset);
  }

  /** How many requests in a row for these bytes have failed before. */
  int tries() {
    return tries;
  }

  /** This is not the first try to get its bytes. */
  void triedBefore(int times) {
    tries = times;
  }

  /** Up to where a reader waits. */
  long wantedUntil() {
    return wantedUntil;
  }

  /**
   * Asks upstream.
   *
   * @param bounded whether to name the end, as for all but what runs to the blob's end
   */
  void open(boolean bounded) {
    this.bounded = bounded;
    OptionalLong last = bounded ? OptionalLong.of(end - 1) : OptionalLong.empty();
    source.open(digest, position, last).onSuccess(this::begin).onFailure(this::failed);
  }

  /**
   * Takes what upstream sends up to this offset: less, where another segment takes over, or more,
   * where its transfer runs to the blob's end.
   */
  void endAt(long newEnd) {
    end = newEnd;
    if (position >= end) {
      finish();
    }
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

  private void begin(BlobTransfer opened) {
    if (over) {
      opened.cancel();
      return;
    }
    transfer = opened;
    try {
      if (opened.offset() > position) {
        throw new UpstreamException(
            UpstreamOutcome.INVALID, source + " sent " + digest + " from a wrong offset", null);
      }
      skip = position - opened.offset();
      ignoresRange = skip > 0 || (bounded && opened.length().orElse(Long.MAX_VALUE) > rest());
      events.answered(this, opened.totalSize());
      answered = true;
    } catch (UpstreamException e) {
      failed(e);
      return;
    }
    if (over) {
      return;
    }
    opened.handler(this::arrived);
    opened.completion().onSuccess(ignored -> ended()).onFailure(this::failed);
    if (!paused) {
      opened.resume();
    }
  }

  private void arrived(Buffer bytes) {
    if (over) {
      return;
    }
    Buffer fresh = bytes;
    if (skip > 0) {
      // Upstream began before the offset that was asked for.
      if (bytes.length() <= skip) {
        skip -= bytes.length();
        return;
      }
      fresh = bytes.slice((int) skip, bytes.length());
      skip = 0;
    }
    if (fresh.length() > end - position) {
      fresh = fresh.slice(0, (int) (end - position));
    }
    long offset = position;
    position += fresh.length();
    events.arrived(this, offset, fresh);
    if (!over && position == end && end != UNKNOWN) {
      finish();
    }
  }

  private void ended() {
    if (over) {
      return;
    }
    if (end == UNKNOWN) {
      end = position;
    }
    if (position < end) {
      failed(
          new UpstreamException(
              UpstreamOutcome.CONNECT,
              source + " ended " + digest + " at byte " + position + " of " + end,
              null));
      return;
    }
    finish();
  }

  private void finish() {
    // Upstream may still be sending what another segment has by now.
    cancel();
    events.over(this, null);
  }

  private void failed(Throwable failure) {
    if (over) {
      return;
    }
    cancel();
    events.over(
        this,
        failure instanceof UpstreamException known
            ? known
            : new UpstreamException(
                UpstreamOutcome.INVALID, "pulling " + digest + " of " + source, failure));
  }
}
