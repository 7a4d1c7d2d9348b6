package dev.breakwater.mirror.download;

import java.util.Collection;

/**
 * Tells {@link Throughput} how fast bytes come, as far as that says something of upstream. It is
 * told what time it is, in nanoseconds. Confined to the download's context.
 */
final class ThroughputWatch {
  private final Throughput throughput;
  private final GrowingBlob bytes;
  private final DownloadSettings.Segments settings;
  private boolean steady;
  private boolean paused;
  private boolean wasPaused;
  private long lastTick;

  ThroughputWatch(Throughput throughput, GrowingBlob bytes, DownloadSettings.Segments settings) {
    this.throughput = throughput;
    this.bytes = bytes;
    this.settings = settings;
  }

  /** Upstream has begun to send, and so many segments run. */
  void answered(long now, int segments) {
    if (segments >= throughput.target()) {
      steady = true;
      measureFrom(now);
    }
  }

  /** Our own side holds upstream back. */
  void pause() {
    paused = true;
    wasPaused = true;
  }

  void resume() {
    paused = false;
  }

  /** What came before this moment says nothing of the pace. */
  void measureFrom(long now) {
    lastTick = now;
    throughput.skip(bytes.total(), 0);
  }

  /**
   * Looks at the pace. A late tick means that this machine is busy: then more connections would not
   * be faster.
   *
   * @param size of the blob, or -1
   * @return whether there may be a segment to open
   */
  boolean tick(long now, long size, Collection<Segment> running) {
    if (running.isEmpty() || throughput.isSettled()) {
      // What broke is taken up when its wait is over, not before.
      return false;
    }
    double seconds = (now - lastTick) / 1e9;
    double usual = settings.tick().toMillis() / 1e3;
    if (seconds < usual / 2) {
      // The first bytes have only just come.
      return false;
    }
    lastTick = now;
    boolean late = seconds > 2 * usual;
    if (paused || wasPaused || late || size < settings.above()) {
      wasPaused = paused;
      throughput.skip(bytes.total(), seconds);
      return false;
    }
    long total = bytes.total();
    boolean sending =
        running.size() >= throughput.target() && running.stream().allMatch(Segment::hasBegun);
    throughput.tick(total, size - total, seconds, sending && steady);
    steady = sending && running.size() >= throughput.target();
    return true;
  }

  /** All bytes have come; the blob's size. */
  void complete(long now, long size) {
    throughput.complete(size, (now - lastTick) / 1e9);
  }
}
