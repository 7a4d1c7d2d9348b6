package dev.breakwater.upstream;

import java.time.Duration;
import java.util.Optional;
import java.util.function.LongSupplier;

/**
 * Whether a body comes fast enough, measured only over the time we let it flow. Not thread-safe.
 */
final class Pace {
  private final long stall;
  private final long window;
  private final double leastInWindow;
  private final LongSupplier clock;

  private boolean flowing;
  private boolean tooSlow;
  private long settled;
  private long sinceByte;
  private long inWindow;
  private long windowBytes;

  /** Begins paused. */
  Pace(TimeLimits limits, LongSupplier clock) {
    this.stall = limits.stall().toNanos();
    this.window = limits.floorWindow().toNanos();
    this.leastInWindow = limits.floorRate() * (window / 1e9);
    this.clock = clock;
  }

  boolean isFlowing() {
    return flowing;
  }

  void resume() {
    if (!flowing) {
      flowing = true;
      settled = clock.getAsLong();
    }
  }

  void pause() {
    settle();
    flowing = false;
  }

  void received(int bytes) {
    settle();
    sinceByte = 0;
    windowBytes += bytes;
  }

  /** What is wrong with the pace, if anything is. */
  Optional<String> complaint() {
    settle();
    if (sinceByte >= stall) {
      return Optional.of("no byte came for " + Duration.ofNanos(sinceByte).toMillis() + " ms");
    }
    return tooSlow
        ? Optional.of(
            "the body came slower than the floor of "
                + Math.round(leastInWindow)
                + " bytes in "
                + Duration.ofNanos(window).toMillis()
                + " ms")
        : Optional.empty();
  }

  /** In how much more flowing time there may be a complaint at the earliest. */
  Duration untilNextLook() {
    settle();
    return Duration.ofNanos(Math.min(stall - sinceByte, window - inWindow));
  }

  private void settle() {
    if (!flowing) {
      return;
    }
    long now = clock.getAsLong();
    sinceByte += now - settled;
    inWindow += now - settled;
    settled = now;
    if (inWindow >= window) {
      tooSlow |= windowBytes < leastInWindow;
      inWindow = 0;
      windowBytes = 0;
    }
  }
}
