package dev.breakwater.testing;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.concurrent.atomic.AtomicReference;

/** A clock that the test turns; else it stands still, or runs if it was made so. Thread-safe. */
public final class TurnedClock extends Clock {
  private static final Instant BEGINNING = Instant.ofEpochMilli(1_800_000_000_000L);

  private final InstantSource source;
  private final AtomicReference<Duration> turned = new AtomicReference<>(Duration.ZERO);

  private TurnedClock(InstantSource source) {
    this.source = source;
  }

  /** One that stands still until it is turned. */
  public static TurnedClock standing() {
    return new TurnedClock(InstantSource.fixed(BEGINNING));
  }

  /** One that shows the time of day until it is turned, and runs on. */
  public static TurnedClock running() {
    return new TurnedClock(InstantSource.system());
  }

  /** Turns it forward, or back if negative. */
  public void turn(Duration by) {
    turned.updateAndGet(before -> before.plus(by));
  }

  @Override
  public Instant instant() {
    return source.instant().plus(turned.get());
  }

  @Override
  public ZoneId getZone() {
    return ZoneOffset.UTC;
  }

  @Override
  public Clock withZone(ZoneId zone) {
    return this;
  }
}
