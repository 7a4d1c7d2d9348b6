package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class RetryPolicyTest {
  private static final Duration FIRST = Duration.ofMillis(100);

  private double random;
  private final RetryPolicy retries =
      new RetryPolicy(new DownloadSettings.Retries(3, FIRST), () -> random);

  @Test
  void theWaitDoublesAndAtTheEndItIsGivenUp() {
    random = 1;
    assertThat(retries.failed()).hasValue(100);
    assertThat(retries.failed()).hasValue(200);
    assertThat(retries.failed()).hasValue(400);
    assertThat(retries.failed()).isEmpty();
  }

  @Test
  void aByteMakesItBeginAnew() {
    random = 1;
    for (int i = 0; i < 3; i++) {
      retries.failed();
    }
    retries.arrived();
    assertThat(retries.failed()).hasValue(100);
  }

  @Test
  void halfOfTheWaitIsLeftToChance() {
    assertThat(retries.delay(0)).isEqualTo(50);
    random = 0.5;
    assertThat(retries.delay(0)).isEqualTo(75);
    random = 1;
    assertThat(retries.delay(0)).isEqualTo(100);
  }

  @Test
  void aWaitIsNeverNothing() {
    DownloadSettings.Retries atOnce = new DownloadSettings.Retries(3, Duration.ZERO);
    assertThat(new RetryPolicy(atOnce, () -> 0).delay(0)).isEqualTo(1);
  }
}
