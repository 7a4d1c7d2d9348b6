package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.UpstreamInfo.ThrottleInfo;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ThrottleTest {
  private static final RepositoryName NGINX = RepositoryName.parse("library/nginx");
  private static final RepositoryName REDIS = RepositoryName.parse("library/redis");

  private long now = -3_000_000_000L;
  private final Throttle throttle = new Throttle(() -> now);

  private void pass(Duration time) {
    now += time.toNanos();
  }

  private void limited(@Nullable Duration retryAfter) {
    throttle.limited(ContentKind.BLOB, NGINX, retryAfter);
  }

  private Duration pause() {
    return throttle.pausedFor(ContentKind.BLOB, NGINX);
  }

  private static Duration seconds(long count) {
    return Duration.ofSeconds(count);
  }

  @Test
  void firstRefusalPausesForASecondOrWhatItSays() {
    limited(null);
    assertThat(pause()).isEqualTo(seconds(1));
    throttle.limited(ContentKind.MANIFEST, NGINX, seconds(7));
    assertThat(throttle.pausedFor(ContentKind.MANIFEST, NGINX)).isEqualTo(seconds(7));
  }

  @Test
  void pauseConcernsOneKindOfOneRepository() {
    limited(seconds(20));
    assertThat(throttle.pausedFor(ContentKind.MANIFEST, NGINX)).isZero();
    assertThat(throttle.pausedFor(ContentKind.BLOB, REDIS)).isZero();
    assertThat(throttle.pausedFor(ContentKind.BLOB)).isZero();
  }

  @Test
  void pauseGrowsToAMinuteWhileRefusalsGoOn() {
    long[] expected = {1, 2, 4, 8, 16, 32, 60};
    for (long wait : expected) {
      limited(null);
      assertThat(pause()).isEqualTo(seconds(wait));
      pass(pause());
    }
  }

  @Test
  void refusalOfARequestThatWasOnItsWayDoesNotGrowThePause() {
    limited(null);
    for (int i = 0; i < 5; i++) {
      limited(null);
    }
    assertThat(pause()).isEqualTo(seconds(1));
    limited(seconds(3));
    assertThat(pause()).isEqualTo(seconds(3));
  }

  @Test
  void otherAnswerEndsPauseAndGrowth() {
    limited(null);
    pass(seconds(1));
    limited(null);
    throttle.answered(ContentKind.BLOB, NGINX);
    assertThat(pause()).isZero();
    limited(null);
    assertThat(pause()).isEqualTo(seconds(1));
  }

  @Test
  void otherAnswerDoesNotEndThePauseThatTheRegistryAskedFor() {
    for (int i = 0; i < 8; i++) {
      limited(seconds(20));
    }
    pass(seconds(5));
    assertThat(throttle.answered(ContentKind.BLOB, NGINX)).isFalse();
    assertThat(pause()).isEqualTo(seconds(15));
    assertThat(throttle.pausedFor(ContentKind.BLOB)).isEqualTo(seconds(15));
    pass(seconds(15));
    assertThat(throttle.answered(ContentKind.BLOB, NGINX)).isTrue();
    limited(null);
    assertThat(pause()).as("grown no more").isEqualTo(seconds(1));
  }

  @Test
  void refusalsOnTheirWayDoNotMoveTheEndThatTheRegistryAskedFor() {
    limited(seconds(20));
    pass(seconds(5));
    limited(seconds(20));
    limited(null);
    assertThat(pause()).isEqualTo(seconds(15));
  }

  @Test
  void longestPausesAreReportedFirst() {
    limited(seconds(20));
    throttle.limited(ContentKind.MANIFEST, REDIS, seconds(60));
    throttle.limited(ContentKind.MANIFEST, NGINX, seconds(3));
    pass(seconds(5));
    assertThat(throttle.paused(5))
        .containsExactly(
            new ThrottleInfo("manifest", REDIS.value(), 55),
            new ThrottleInfo("blob", NGINX.value(), 15));
    assertThat(throttle.paused(1)).hasSize(1);
  }

  @Test
  void refusalLongAfterThePauseIsAFirstOneAgain() {
    limited(null);
    pass(Duration.ofMinutes(5));
    limited(null);
    assertThat(pause()).isEqualTo(seconds(1));
  }

  @Test
  void manyRefusalsInARowPauseTheWholeKind() {
    for (int i = 0; i < 8; i++) {
      assertThat(throttle.pausedFor(ContentKind.BLOB)).isZero();
      throttle.limited(ContentKind.BLOB, RepositoryName.parse("library/image" + i), null);
    }
    assertThat(pause()).isEqualTo(seconds(1));
    assertThat(throttle.pausedFor(ContentKind.MANIFEST)).isZero();
    throttle.answered(ContentKind.BLOB, REDIS);
    assertThat(pause()).isZero();
  }
}
