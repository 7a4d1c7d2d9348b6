package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PaceTest {
  private static final TimeLimits LIMITS =
      new TimeLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(25),
          Duration.ofSeconds(30),
          1024,
          Duration.ofSeconds(60));

  private long now = Long.MAX_VALUE - 5;
  private final Pace pace = new Pace(LIMITS, () -> now);

  private void pass(int seconds) {
    now += Duration.ofSeconds(seconds).toNanos();
  }

  @Test
  void stallIsComplainedOf() {
    pace.resume();
    pass(29);
    assertThat(pace.complaint()).isEmpty();
    pass(1);
    assertThat(pace.complaint()).hasValueSatisfying(c -> assertThat(c).contains("no byte"));
  }

  @Test
  void everyByteEndsTheStall() {
    pace.resume();
    pass(29);
    pace.received(100_000);
    pass(29);
    assertThat(pace.complaint()).isEmpty();
  }

  @Test
  void dripBelowTheFloorIsComplainedOf() {
    pace.resume();
    for (int i = 0; i < 6; i++) {
      pass(10);
      pace.received(20);
    }
    assertThat(pace.complaint()).hasValueSatisfying(c -> assertThat(c).contains("floor"));
  }

  @Test
  void bodyAtTheFloorIsGoodEnough() {
    pace.resume();
    for (int i = 0; i < 30; i++) {
      pace.received(10_240);
      pass(10);
      assertThat(pace.complaint()).isEmpty();
    }
  }

  @Test
  void ourOwnPauseIsNoStall() {
    pace.resume();
    pass(10);
    pace.pause();
    pass(3600);
    assertThat(pace.complaint()).isEmpty();
    pace.resume();
    pass(19);
    assertThat(pace.complaint()).isEmpty();
    pass(1);
    assertThat(pace.complaint()).isPresent();
  }

  @Test
  void pausedTimeDoesNotCountForTheFloor() {
    for (int i = 0; i < 10; i++) {
      pace.resume();
      pass(1);
      pace.received(2048);
      pace.pause();
      pass(600);
    }
    assertThat(pace.complaint()).isEmpty();
  }

  @Test
  void nextLookIsWhenThereMayBeAComplaint() {
    pace.resume();
    pass(10);
    assertThat(pace.untilNextLook()).isEqualTo(Duration.ofSeconds(20));
    pass(19);
    pace.received(1);
    pass(25);
    assertThat(pace.untilNextLook()).isEqualTo(Duration.ofSeconds(5));
  }
}
