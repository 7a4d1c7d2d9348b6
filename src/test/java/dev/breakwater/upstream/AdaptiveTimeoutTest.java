package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class AdaptiveTimeoutTest {
  private long now = -5_000_000_000L;
  private final AdaptiveTimeout patience = new AdaptiveTimeout(() -> now);

  private void pass(int millis) {
    now += Duration.ofMillis(millis).toNanos();
  }

  private long millis() {
    return patience.health().patience().toMillis();
  }

  private void usually(int millis) {
    patience.asked();
    pass(millis);
    patience.answered(Duration.ofMillis(millis));
  }

  @Test
  void unknownRegistryHasThreeSeconds() {
    assertThat(millis()).isEqualTo(3000);
  }

  @Test
  void knownRegistryHasTenTimesWhatItUsuallyTakesWithinBounds() {
    usually(100);
    assertThat(millis()).isEqualTo(1000);
    usually(200);
    assertThat(millis()).isEqualTo(1200);
    for (int i = 0; i < 27; i++) {
      usually(2);
    }
    assertThat(millis()).as("as few answers say").isEqualTo(500);
    for (int i = 0; i < 3; i++) {
      usually(2);
    }
    assertThat(millis()).as("as many answers say").isEqualTo(40);
    for (int i = 0; i < 30; i++) {
      usually(2000);
    }
    assertThat(millis()).isEqualTo(3000);
  }

  @Test
  void timeIsCountedFromTheBeginningOfTheSilence() {
    usually(100);
    patience.asked();
    pass(600);
    patience.asked();
    assertThat(millis()).isEqualTo(400);
    pass(400);
    patience.asked();
    assertThat(millis()).isZero();
    assertThat(patience.health().mayAsk()).isTrue();
    assertThat(patience.health().trouble()).isEqualTo("slow");
  }

  @Test
  void anyAnswerBreaksTheSilence() {
    usually(100);
    patience.asked();
    patience.asked();
    pass(900);
    patience.answered(Duration.ofMillis(100));
    assertThat(millis()).isEqualTo(1000);
  }

  @Test
  void timeInWhichNothingIsAskedIsNoSilence() {
    usually(100);
    pass(100_000);
    patience.asked();
    assertThat(millis()).isEqualTo(1000);
  }

  @Test
  void noRequestWaitsAfterAFailureUntilAnAnswerComes() {
    usually(100);
    patience.asked();
    patience.failed(UpstreamOutcome.SERVER_ERROR);
    assertThat(millis()).isZero();
    assertThat(patience.health().trouble()).isEqualTo("5xx");
    patience.asked();
    assertThat(millis()).isZero();
    patience.answered(Duration.ofMillis(100));
    assertThat(millis()).isEqualTo(1000);
  }
}
