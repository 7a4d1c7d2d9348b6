package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class UpstreamHabitTest {
  private final AtomicLong nanos = new AtomicLong(Long.MAX_VALUE - 5);
  private final UpstreamHabit habit = new UpstreamHabit(nanos::get);

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(habit.lesson()).isEmpty();
  }

  @Test
  void theLastLessonCountsUntilItIsTooOld() {
    habit.learned(new Lesson(4, false));
    habit.learned(new Lesson(8, true));
    nanos.addAndGet(Duration.ofMinutes(10).toNanos());
    assertThat(habit.lesson()).contains(new Lesson(8, true));
    nanos.addAndGet(1);
    assertThat(habit.lesson()).isEmpty();
  }
}
