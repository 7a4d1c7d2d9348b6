package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.tooManyRequests;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.RequestMatcher;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A pause of pulls has one end, and every place that names it names the same number. */
class QuotaPauseTest extends UpstreamFaults {
  private final AtomicLong nanos = new AtomicLong(1_000_000_000L);
  private final AccessLines lines = new AccessLines();

  @AfterEach
  void stopListening() {
    lines.close();
  }

  /** Starts them with no pulls left, and with that Retry-After if it is not 0. */
  private void startExhausted(int retryAfter) throws Exception {
    FaultyRegistryBuilder hub = registry().pullLimit(100);
    start(
        retryAfter == 0 ? hub : hub.retryAfter(Duration.ofSeconds(retryAfter)),
        mirror -> mirror.nanos(nanos::get));
    upstream.pullsLeft("anonymous", 0);
  }

  private void skip(long seconds) {
    nanos.addAndGet(Duration.ofSeconds(seconds).toNanos());
  }

  private void assertPausedFor(String reference, long seconds) {
    Reply refused = client.manifest(NGINX, reference);
    assertUnavailable(refused);
    assertThat(refused.header("Retry-After")).isEqualTo(String.valueOf(seconds));
    assertThat(refused.message()).endsWith("it is asked again in " + seconds + " s");
    assertThat(lines.next())
        .containsEntry("cause", "quota")
        .containsEntry("error", "UNAVAILABLE: " + refused.message());
    assertThat(mirror.get("/api/upstreams")).contains("\"pausedSeconds\":" + seconds + ",");
    assertThat(mirror.metric("upstream_ratelimit_pause_seconds", "account=\"anonymous\""))
        .isEqualTo(seconds);
  }

  private static RequestMatcher manifests() {
    return RequestMatcher.manifest();
  }

  private int pulls() {
    return upstream.count(manifests().get());
  }

  @ParameterizedTest
  @CsvSource({"60", "180", "0"})
  void logBodyHeaderApiAndMetricNameTheSameNumber(int retryAfter) throws Exception {
    startExhausted(retryAfter);
    long pause = retryAfter == 0 ? 216 : retryAfter;
    assertPausedFor(image.digest().toString(), pause);
    assertThat(lines.warnings()).hasSize(1);
    Matcher told =
        Pattern.compile("the next pull is tried in ([0-9]+) s")
            .matcher(lines.warnings().getFirst());
    assertThat(told.find()).isTrue();
    assertThat(Long.parseLong(told.group(1))).isEqualTo(pause);

    skip(1);
    nanos.addAndGet(-1);
    assertPausedFor(image.digest().toString(), pause);
    skip(20);
    assertPausedFor(TAG, pause - 20);
    assertThat(pulls()).as("asked once").isEqualTo(1);
    assertThat(lines.warnings()).as("told once").hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({"60", "0"})
  void purgeDoesNotLiftThePause(int retryAfter) throws Exception {
    startExhausted(retryAfter);
    long pause = retryAfter == 0 ? 216 : retryAfter;
    assertPausedFor(image.digest().toString(), pause);
    mirror.post("/api/purge?upstream=docker.io&repository=" + NGINX);
    skip(7);
    assertPausedFor(TAG, pause - 7);
    mirror.post("/api/purge?upstream=docker.io&repository=" + NGINX + "&tag=" + TAG);
    assertPausedFor(TAG, pause - 7);
    assertThat(pulls()).isEqualTo(1);

    upstream.resetPullLimit();
    skip(pause - 7);
    assertRight(manifest(), image.manifest());
    assertThat(pulls()).isEqualTo(2);
    assertThat(mirror.get("/api/upstreams")).contains("\"pausedSeconds\":0,");
  }

  @Test
  void pauseOfOneRepositoryIsTheSameEverywhereAndAPurgeDoesNotLiftIt() throws Exception {
    start(registry(), mirror -> mirror.nanos(nanos::get));
    upstream.on(manifests()).then(tooManyRequests(Duration.ofSeconds(90)));
    assertThrottledFor(90);
    mirror.post("/api/purge?upstream=docker.io&repository=" + NGINX);
    skip(30);
    assertThrottledFor(60);
    assertThat(upstream.count(manifests())).isEqualTo(1);
  }

  private void assertThrottledFor(long seconds) {
    Reply refused = client.manifest(NGINX, TAG);
    assertUnavailable(refused);
    assertThat(refused.header("Retry-After")).isEqualTo(String.valueOf(seconds));
    assertThat(refused.message()).endsWith("it is asked again in " + seconds + " s");
    assertThat(lines.next()).containsEntry("cause", "upstream-429");
    assertThat(mirror.get("/api/upstreams"))
        .contains(
            "\"throttled\":[{\"kind\":\"manifest\",\"repository\":\"library/nginx\","
                + "\"seconds\":"
                + seconds
                + "}]");
  }
}
