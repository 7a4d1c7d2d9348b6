package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class SegmentHistoryTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final SegmentHistory history = new SegmentHistory(nanos::get);

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(history.hint()).isEmpty();
  }

  @Test
  void theLastLessonCountsUntilItIsTooOld() {
    history.learned(new SegmentHint(4, false));
    history.learned(new SegmentHint(8, true));
    nanos.addAndGet(Duration.ofMinutes(10).toNanos());
    assertThat(history.hint()).contains(new SegmentHint(8, true));
    nanos.addAndGet(1);
    assertThat(history.hint()).isEmpty();
  }
}
