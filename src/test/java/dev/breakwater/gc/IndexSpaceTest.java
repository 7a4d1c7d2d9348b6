package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class IndexSpaceTest {
  private static final Duration CONFIGURED = Duration.ofDays(30);

  private long bytes;
  private int compactions;
  private final IndexSpace space =
      new IndexSpace(
          new IndexSpace.Watched(() -> bytes, () -> 100, () -> compactions++), CONFIGURED);

  @Test
  void configuredTimeCountsWhileTheIndexIsSmall() {
    bytes = 100;
    assertThat(space.isShort()).isFalse();
    assertThat(space.forNextSweep()).isEqualTo(CONFIGURED);
    space.swept();
    assertThat(compactions).isZero();
  }

  @Test
  void idleTimeShrinksWhileTheIndexIsTooLargeAndGrowsBack() {
    bytes = 101;
    assertThat(space.isShort()).isTrue();
    assertThat(space.forNextSweep()).isEqualTo(Duration.ofDays(15));
    space.swept();
    assertThat(compactions).isEqualTo(1);
    for (int i = 0; i < 20; i++) {
      space.forNextSweep();
    }
    assertThat(space.forNextSweep()).isEqualTo(IndexSpace.LEAST_IDLE);
    bytes = 50;
    assertThat(space.forNextSweep()).isEqualTo(IndexSpace.LEAST_IDLE.multipliedBy(2));
    for (int i = 0; i < 20; i++) {
      space.forNextSweep();
    }
    assertThat(space.forNextSweep()).isEqualTo(CONFIGURED);
  }

  @Test
  void timeConfiguredBelowTheLeastIsKept() {
    IndexSpace tight =
        new IndexSpace(
            new IndexSpace.Watched(() -> bytes, () -> 100, () -> {}), Duration.ofMillis(1));
    bytes = 101;
    assertThat(tight.forNextSweep()).isEqualTo(Duration.ofMillis(1));
  }
}
