package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CircuitBreakerTest implements CircuitBreaker.Observer {
  private final UpstreamException dead =
      new UpstreamException(UpstreamOutcome.CONNECT, "dead", null);

  private long now = 1_000_000_000_000L;
  private double random;
  private final List<String> changes = new ArrayList<>();
  private final CircuitBreaker breaker = new CircuitBreaker(() -> now, () -> random, this);

  @Override
  public void opened(CircuitBreaker breaker, UpstreamException cause) {
    changes.add("opened: " + cause.getMessage());
  }

  @Override
  public void closed(CircuitBreaker breaker, Duration outage) {
    changes.add("closed after " + outage.toMillis());
  }

  @Override
  public void probing(CircuitBreaker breaker) {
    changes.add("probing " + breaker.state());
  }

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private CircuitBreaker.Pass admitted() {
    return breaker.admit().orElseThrow();
  }

  private void fail(int times) {
    for (int i = 0; i < times; i++) {
      admitted().failed(dead, false);
    }
  }

  /** Opens it; the first wait is a second. */
  private void open() {
    fail(5);
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
  }

  @Test
  void fifthFailureInARowOpensIt() {
    fail(4);
    assertThat(breaker.admit()).isPresent();
    assertThat(breaker.cause()).isEmpty();
    fail(1);
    assertThat(breaker.admit()).isEmpty();
    assertThat(breaker.cause()).contains(dead);
    assertThat(changes).containsExactly("opened: dead");
  }

  @Test
  void answerEndsTheRow() {
    fail(4);
    admitted();
    breaker.answered();
    fail(4);
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
    assertThat(changes).isEmpty();
  }

  @Test
  void twoSlowFailuresOpenIt() {
    for (int i = 0; i < 2; i++) {
      assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
      admitted().failed(dead, true);
    }
    assertThat(breaker.admit()).isEmpty();
  }

  @Test
  void oneProbeIsLetThroughWhenTheWaitIsOver() {
    open();
    pass(Duration.ofMillis(999));
    assertThat(breaker.wouldAdmit()).isFalse();
    assertThat(breaker.admit()).isEmpty();
    assertThat(breaker.untilProbe()).isEqualTo(Duration.ofMillis(1));
    pass(Duration.ofMillis(1));
    assertThat(breaker.wouldAdmit()).isTrue();
    assertThat(admitted().isProbe()).isTrue();
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.HALF_OPEN);
    assertThat(breaker.wouldAdmit()).isFalse();
    assertThat(breaker.admit()).isEmpty();
    assertThat(breaker.cause()).contains(dead);
  }

  @Test
  void answeredProbeClosesIt() {
    open();
    pass(Duration.ofSeconds(1));
    admitted();
    pass(Duration.ofMillis(250));
    breaker.answered();
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
    assertThat(breaker.untilProbe()).isZero();
    assertThat(admitted().isProbe()).isFalse();
    assertThat(changes).containsExactly("opened: dead", "probing HALF_OPEN", "closed after 1250");
  }

  @Test
  void failedProbesDoubleTheWaitUpToItsLimit() {
    open();
    List<Long> waits = new ArrayList<>();
    for (int i = 0; i < 6; i++) {
      waits.add(breaker.untilProbe().toMillis());
      pass(breaker.untilProbe());
      admitted().failed(dead, false);
      assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.OPEN);
    }
    assertThat(waits).containsExactly(1000L, 2000L, 4000L, 8000L, 10_000L, 10_000L);
  }

  @Test
  void waitBeginsSmallAgainAfterARecovery() {
    open();
    for (int i = 0; i < 4; i++) {
      pass(breaker.untilProbe());
      admitted().failed(dead, false);
    }
    pass(breaker.untilProbe());
    admitted();
    breaker.answered();
    open();
    assertThat(breaker.untilProbe()).isEqualTo(Duration.ofSeconds(1));
  }

  @Test
  void jitterOnlyShortensTheWait() {
    random = 1;
    open();
    assertThat(breaker.untilProbe()).isEqualTo(Duration.ofMillis(750));
  }

  @Test
  void probeOfWhichNothingIsHeardIsReplaced() {
    open();
    pass(Duration.ofSeconds(1));
    CircuitBreaker.Pass lost = admitted();
    pass(Duration.ofSeconds(29));
    assertThat(breaker.admit()).isEmpty();
    pass(Duration.ofSeconds(1));
    admitted();
    lost.failed(dead, false);
    assertThat(breaker.state()).as("old news").isEqualTo(CircuitBreaker.State.HALF_OPEN);
    breaker.answered();
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
  }

  @Test
  void callsOfBeforeItOpenedCountOnlyWhenTheyAreAnswered() {
    CircuitBreaker.Pass failing = admitted();
    admitted();
    open();
    Duration wait = breaker.untilProbe();
    failing.failed(dead, false);
    assertThat(breaker.untilProbe()).isEqualTo(wait);
    breaker.answered();
    assertThat(breaker.state()).isEqualTo(CircuitBreaker.State.CLOSED);
  }

  @Test
  void outageIsCountedFromItsBeginningThroughAllProbes() {
    open();
    pass(Duration.ofSeconds(1));
    admitted().failed(dead, false);
    pass(Duration.ofSeconds(1));
    assertThat(breaker.openFor()).isEqualTo(Duration.ofSeconds(2));
  }
}
