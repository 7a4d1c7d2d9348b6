package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QuotaTest {
  private static final Duration HALF_A_MINUTE = Duration.ofSeconds(30);

  private long now = -7_000_000_000L;
  private final Quota quota = new Quota(() -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void read(int limit, int remaining) {
    quota.read(
        RateLimit.parse(limit + ";w=21600"), RateLimit.parse(remaining + ";w=21600"), "192.0.2.1");
  }

  private Duration pausedPulls() {
    return quota.exhaustedFor();
  }

  @Test
  void nothingIsKnownAtFirst() {
    assertThat(quota.current()).isEmpty();
    assertThat(pausedPulls()).isZero();
    assertThat(quota.secondsLeft()).isInfinite();
  }

  @Test
  void whatWasSaidIsForgottenWhenItsWindowIsOver() {
    read(100, 40);
    assertThat(quota.current())
        .contains(new Quota.Reading(100, 40, Duration.ofHours(6), "192.0.2.1"));
    pass(Duration.ofHours(6).minusSeconds(1));
    assertThat(quota.current()).isPresent();
    pass(Duration.ofSeconds(1));
    assertThat(quota.current()).isEmpty();
  }

  @Test
  void windowThatIsNotSaidIsTakenForSixHours() {
    quota.read(RateLimit.parse("100"), RateLimit.parse("7"), "");
    assertThat(quota.current().orElseThrow().window()).isEqualTo(Duration.ofHours(6));
  }

  @Test
  void refusedPullStopsPullsOnceNoneAreLeft() {
    read(100, 0);
    assertThat(quota.limited(true, Optional.of(HALF_A_MINUTE))).isTrue();
    assertThat(pausedPulls()).isEqualTo(HALF_A_MINUTE);
    pass(HALF_A_MINUTE);
    assertThat(pausedPulls()).isZero();
  }

  @Test
  void refusalBesidePullsThatAreLeftIsNoExhaustion() {
    read(100_000, 99_999);
    assertThat(quota.limited(true, Optional.of(HALF_A_MINUTE))).isFalse();
    assertThat(pausedPulls()).isZero();
  }

  @Test
  void refusedHeadIsNoExhaustion() {
    read(100, 1);
    assertThat(quota.limited(false, Optional.of(HALF_A_MINUTE))).isFalse();
    assertThat(pausedPulls()).isZero();
  }

  @Test
  void refusalByARegistryThatDoesNotCountIsNoExhaustion() {
    assertThat(quota.limited(true, Optional.empty())).isFalse();
    assertThat(pausedPulls()).isZero();
  }

  @ParameterizedTest
  @CsvSource({"100,216", "1,900", "100000,10"})
  void withoutARetryAfterTheWindowSaysWhenThereIsAnotherPull(int limit, int seconds) {
    read(limit, 0);
    quota.limited(true, Optional.empty());
    assertThat(pausedPulls()).isEqualTo(Duration.ofSeconds(seconds));
  }

  @Test
  void statedRetryAfterIsHonouredWhateverElseIsSaid() {
    read(100, 0);
    quota.limited(true, Optional.of(HALF_A_MINUTE));
    read(100, 5);
    read(100, 0);
    assertThat(pausedPulls()).isEqualTo(HALF_A_MINUTE);
  }

  @Test
  void refusalsOfRequestsThatWereOnTheirWayDoNotMoveTheEndOfThePause() {
    read(100, 0);
    quota.limited(true, Optional.of(HALF_A_MINUTE));
    pass(Duration.ofSeconds(10));
    assertThat(quota.limited(true, Optional.of(HALF_A_MINUTE))).isTrue();
    assertThat(quota.limited(true, Optional.empty())).isTrue();
    assertThat(pausedPulls()).isEqualTo(Duration.ofSeconds(20));
  }

  @Test
  void eachEndOfThePauseIsNewsOnce() {
    assertThat(quota.news()).isEqualTo(Quota.News.NONE);
    read(100, 0);
    assertThat(quota.news()).isEqualTo(Quota.News.PAUSED);
    assertThat(quota.news()).isEqualTo(Quota.News.NONE);
    quota.limited(true, Optional.of(HALF_A_MINUTE));
    assertThat(quota.news()).as("another time than was told").isEqualTo(Quota.News.PAUSED);
    pass(HALF_A_MINUTE);
    assertThat(quota.news()).as("over, but who knows").isEqualTo(Quota.News.NONE);
    read(100, 1);
    assertThat(quota.news()).isEqualTo(Quota.News.RESUMED);
    assertThat(quota.news()).isEqualTo(Quota.News.NONE);
  }

  @Test
  void nothingLeftStopsPullsUntilAHeadSaysOtherwise() {
    read(100, 0);
    assertThat(pausedPulls()).isEqualTo(Duration.ofSeconds(216));
    pass(HALF_A_MINUTE);
    read(100, 0);
    assertThat(pausedPulls()).as("not prolonged").isEqualTo(Duration.ofSeconds(186));
    read(100, 3);
    assertThat(pausedPulls()).isZero();
  }

  @Test
  void refusedCredentialsSuspendTheAccountForFiveMinutes() {
    assertThat(quota.isSuspended()).isFalse();
    quota.refused();
    pass(Duration.ofMinutes(5).minusNanos(1));
    assertThat(quota.isSuspended()).isTrue();
    pass(Duration.ofNanos(1));
    assertThat(quota.isSuspended()).isFalse();
  }

  @Test
  void exhaustionIsForecastFromTheRecentRate() {
    for (int left = 200; left >= 120; left--) {
      read(200, left);
      pass(HALF_A_MINUTE);
    }
    assertThat(quota.secondsLeft()).isCloseTo(120 * 30.0, within(120 * 30 * 0.05));
    pass(Duration.ofHours(1));
    assertThat(quota.secondsLeft()).as("no pull until then").isGreaterThan(100_000);
  }

  @Test
  void newWindowIsNoNegativeUse() {
    read(100, 10);
    pass(HALF_A_MINUTE);
    read(100, 100);
    assertThat(quota.secondsLeft()).isInfinite();
    read(100, 0);
    assertThat(quota.secondsLeft()).isZero();
  }
}
