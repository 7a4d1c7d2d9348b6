package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ScrubPaceTest {
  private static final long MIB = 1024 * 1024;

  private final AtomicLong now = new AtomicLong();
  private final AtomicLong slept = new AtomicLong();
  private final ScrubPace pace =
      new ScrubPace(
          10 * MIB,
          now::get,
          nanos -> {
            slept.addAndGet(nanos);
            now.addAndGet(nanos);
          });

  @Test
  void tenMebibytesTakeASecond() throws Exception {
    for (int i = 0; i < 100; i++) {
      pace.read(MIB);
    }
    assertThat(slept).hasValue(TimeUnit.SECONDS.toNanos(10));
  }

  @Test
  void timeThatReadingTakesCounts() throws Exception {
    for (int i = 0; i < 10; i++) {
      now.addAndGet(TimeUnit.MILLISECONDS.toNanos(60));
      pace.read(MIB);
    }
    assertThat(now.get())
        .isBetween(TimeUnit.SECONDS.toNanos(1), TimeUnit.MILLISECONDS.toNanos(1600));
  }

  @Test
  void aLongPauseIsNotMadeUpForByABurst() throws Exception {
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    for (int i = 0; i < 10; i++) {
      pace.read(MIB);
    }
    assertThat(slept).hasValue(TimeUnit.SECONDS.toNanos(1));
  }
}
