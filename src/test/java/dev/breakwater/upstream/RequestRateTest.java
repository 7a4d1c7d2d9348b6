package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.Faults;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

/** A registry gets no more requests within a time than its limit allows. */
class RequestRateTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final Duration SECOND = Duration.ofSeconds(1);
  private static final Duration LONG = Duration.ofHours(10);

  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 5);
  private final TestImage image = TestImage.docker().layer(1000).build();

  private RequestRate rate(int requests) {
    return new RequestRate(Optional.of(new RequestLimits.Rate(requests, SECOND)), now::get);
  }

  private void skip(Duration time) {
    now.addAndGet(time.toNanos());
  }

  @Test
  void thoseBeyondTheLimitWaitUntilTheWindowHasMovedOn() {
    RequestRate rate = rate(2);
    assertThat(rate.reserve(LONG)).contains(Duration.ZERO);
    skip(Duration.ofMillis(400));
    assertThat(rate.reserve(LONG)).contains(Duration.ZERO);
    assertThat(rate.reserve(LONG)).contains(Duration.ofMillis(600));
    assertThat(rate.reserve(LONG)).contains(SECOND);
    assertThat(rate.reserve(LONG)).contains(Duration.ofMillis(1600));
  }

  @Test
  void noWindowHasMoreThanTheLimit() {
    RequestRate rate = rate(3);
    List<Long> moments = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      moments.add(now.get() + rate.reserve(LONG).orElseThrow().toNanos());
      skip(Duration.ofMillis(i * 37 % 700));
    }
    for (int i = 3; i < moments.size(); i++) {
      assertThat(moments.get(i) - moments.get(i - 3)).isGreaterThanOrEqualTo(SECOND.toNanos());
    }
  }

  @Test
  void oneThatCannotWaitSoLongIsNotCounted() {
    RequestRate rate = rate(1);
    rate.reserve(LONG);
    assertThat(rate.reserve(Duration.ofMillis(999))).isEmpty();
    assertThat(rate.reserve(LONG)).contains(SECOND);
  }

  @Test
  void oneThatIsSentInAnyCaseIsMadeUpForByTheNext() {
    RequestRate rate = rate(1);
    rate.reserve(LONG);
    rate.count();
    assertThat(rate.reserve(LONG)).contains(SECOND.multipliedBy(2));
  }

  @Test
  void withoutLimitNothingWaits() {
    RequestRate rate = new RequestRate(Optional.empty(), now::get);
    rate.count();
    assertThat(rate.reserve(Duration.ZERO)).contains(Duration.ZERO);
  }

  private FaultyRegistry start() {
    return FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);
  }

  @Test
  void callsThatHaveToWaitSucceed() {
    try (FaultyRegistry upstream = start();
        UpstreamClient client =
            UpstreamClient.of(upstream).rate(2, Duration.ofMillis(50)).build()) {
      List<Future<?>> calls = new ArrayList<>();
      for (int i = 0; i < 7; i++) {
        calls.add(client.registry().getManifest(NGINX, TAG));
      }
      calls.forEach(UpstreamClient::await);
      assertThat(upstream.count(manifest())).isEqualTo(7);
    }
  }

  @Test
  void manifestsAndBlobsCountTogetherAndCallsThatWouldWaitTooLongAreNotSent() {
    try (FaultyRegistry upstream = start();
        UpstreamClient client = UpstreamClient.of(upstream).rate(2, Duration.ofHours(1)).build()) {
      await(client.registry().getManifest(NGINX, TAG));
      await(client.download(image.layer(0).digest(), 0));
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.BUSY);
      assertThat(failure)
          .hasMessageEndingWith("; upstreams.faulty.test.requestRate holds them back");
      assertThat(failureOf(client.download(image.layer(0).digest(), 0)).outcome())
          .isEqualTo(UpstreamOutcome.BUSY);
      assertThat(upstream.requests()).hasSize(2);
      client.skip(Duration.ofHours(1));
      await(client.registry().getManifest(NGINX, TAG));
    }
  }

  @Test
  void requestsForTokensCountAndContentNetworksDoNot() {
    try (FaultyRegistry upstream =
            FaultyRegistry.builder()
                .bearer()
                .redirectBlobs()
                .start()
                .put(NGINX.value(), TAG.value(), image);
        UpstreamClient client = UpstreamClient.of(upstream).rate(4, Duration.ofHours(1)).build()) {
      // Without a token, for the token, with it.
      await(client.registry().getManifest(NGINX, TAG));
      assertThat(await(client.download(image.layer(0).digest(), 0))).hasSize(1000);
      assertThat(upstream.requests(RequestMatcher.any().on(Listener.CDN))).hasSize(1);
      assertThat(upstream.requests()).hasSize(5);
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.BUSY);
    }
  }

  @Test
  void retriesCount() {
    try (FaultyRegistry upstream = start();
        UpstreamClient client = UpstreamClient.of(upstream).rate(2, Duration.ofHours(1)).build()) {
      upstream.on(manifest()).times(1).then(Faults.status(502));
      await(client.registry().getManifest(NGINX, TAG));
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.BUSY);
      assertThat(upstream.requests()).hasSize(2);
    }
  }
}
