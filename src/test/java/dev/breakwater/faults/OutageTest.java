package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.delay;
import static dev.breakwater.testing.Faults.holdUntil;
import static dev.breakwater.testing.Faults.stallBeforeHead;
import static dev.breakwater.testing.Faults.status;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Eventually;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.Gate;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What an outage costs, how it ends, and what operators can do about it. */
@Tag("slow")
class OutageTest extends UpstreamFaults {
  private static final String ABSENT = "no-such-tag";

  /** Stands still until it is turned, so that no probe is due by accident. */
  private final AtomicLong nanos = new AtomicLong(1_000_000_000L);

  private RunningMirror.Builder clocked(RunningMirror.Builder mirror) {
    return mirror.nanos(nanos::get);
  }

  private void skip(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  /** Lets as many requests for an absent manifest fail as it takes to open the breaker. */
  private void openTheBreaker() {
    for (int i = 0; i < 5; i++) {
      assertUnavailable(client.manifest(NGINX, ABSENT));
    }
    assertThat(state("manifest")).isEqualTo(2);
  }

  private long state(String kind) {
    return mirror.metric(
        "upstream_breaker_state", "upstream=\"docker.io\"", "kind=\"" + kind + "\"");
  }

  @Test
  void deadUpstreamIsAskedNoMoreAndEveryClientIsToldWhy() throws Exception {
    start(registry(), this::clocked);
    pull(image);
    upstream.on(RequestMatcher.any()).then(status(502));
    openTheBreaker();
    int asked = upstream.requests().size();
    Reply refused = client.manifest(NGINX, ABSENT);
    assertUnavailable(refused);
    assertThat(refused.message()).contains("not asked, because it has not answered", "502");
    Reply stale = manifest();
    assertStale(stale, image.manifest());
    assertThat(stale.header("Cache-Status")).contains("detail=upstream-5xx");
    assertRight(fetch(layer), layer);
    assertThat(upstream.requests()).hasSize(asked);
    assertThat(state("blob")).as("another kind").isZero();
    assertThat(mirror.metric("stale_answers_total", "reason=\"5xx\"")).isEqualTo(1);
    assertThat(mirror.get("/api/upstreams")).contains("\"manifest\":\"open\"");
    assertThat(mirror.get("/readyz")).isEqualTo("ok\n");
  }

  @Test
  void upstreamThatIsBackIsNoticedByTheNextProbe() throws Exception {
    TestImage newer = TestImage.docker().seed(7).layer(1000).build();
    start(registry(), this::clocked);
    pull(image);
    upstream.goDown();
    openTheBreaker();
    assertStale(manifest(), image.manifest());
    upstream.comeBack();
    upstream.put(NGINX, newer).moveTag(NGINX, TAG, newer);
    assertStale(manifest(), image.manifest());
    skip(Duration.ofSeconds(10));
    // The first is served at once from the cache while it finds out, the others wait for upstream.
    assertStale(manifest(), image.manifest());
    Reply fresh = insistOn(newer.digest(), this::manifest);
    assertRight(fresh, newer.manifest());
    assertThat(state("manifest")).isZero();
  }

  private static Reply insistOn(Digest digest, Supplier<Reply> request) {
    return insist(
        () -> {
          Reply reply = request.get();
          return reply.header("Docker-Content-Digest").equals(digest.toString())
              ? reply
              : Reply.none(503);
        });
  }

  @Test
  void offlineUpstreamIsNeverAskedAndCanBeSwitchedAtAnyTime() throws Exception {
    start(registry(), mirror -> mirror.set("BREAKWATER_CACHE_OFFLINE", "true"));
    assertUnavailable(manifest());
    assertThat(upstream.requests()).isEmpty();
    assertThat(mirror.get("/readyz")).isEqualTo("ok\n");
    assertThat(mirror.post("/api/offline?offline=false")).contains("\"offline\":false");
    pull(image);
    int asked = upstream.requests().size();
    mirror.post("/api/offline?offline=true&upstream=docker.io");
    Reply stale = manifest();
    assertStale(stale, image.manifest());
    assertThat(stale.header("Cache-Status")).contains("detail=upstream-offline");
    assertRight(fetch(layer), layer);
    assertUnavailable(client.manifest(NGINX, ABSENT));
    assertThat(upstream.requests()).hasSize(asked);
    mirror.post("/api/offline?offline=false&upstream=docker.io");
    assertRight(manifest(), image.manifest());
    assertThat(upstream.requests()).hasSizeGreaterThan(asked);
  }

  @Test
  void adminApiSaysWhatItWants() throws Exception {
    start();
    assertThat(mirror.post("/api/offline")).contains("offline must be true or false");
    assertThat(mirror.post("/api/offline?offline=true&upstream=x"))
        .contains("is not a configured registry; configured are docker.io");
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=UPPER")).contains("error");
    assertThat(mirror.post("/api/purge?upstream=x")).contains("is not a configured registry");
  }

  @Test
  void whatIsOfflineIsShown() throws Exception {
    start(registry(), mirror -> mirror);
    assertThat(mirror.get("/api/offline")).startsWith("{\"offline\":false,");
    assertThat(mirror.get("/readyz?verbose")).contains("[+]upstreams ok\n", "[+]disk space ok\n");
    mirror.post("/api/offline?offline=true&upstream=docker.io");
    assertThat(mirror.get("/api/offline"))
        .contains("{\"name\":\"docker.io\",\"offline\":true,\"byItself\":true}")
        .contains("{\"name\":\"ghcr.io\",\"offline\":false,\"byItself\":false}");
    assertThat(mirror.get("/readyz?verbose"))
        .contains("[+]upstreams degraded: switched offline", "docker.io;", "check passed")
        .doesNotContain("ghcr.io");
    mirror.post("/api/offline?offline=true");
    mirror.post("/api/offline?offline=false&upstream=docker.io");
    assertThat(mirror.get("/api/offline"))
        .startsWith("{\"offline\":true,")
        .contains("{\"name\":\"docker.io\",\"offline\":true,\"byItself\":false}");
    assertThat(mirror.get("/readyz?verbose")).contains("docker.io, ", "ghcr.io");
  }

  @Test
  void aPurgeByAShortNameIsOneByTheFullNameAndASecondOneFindsNothing() throws Exception {
    start(registry(), mirror -> mirror);
    assertRight(client.manifest(NGINX, TAG), image.manifest());
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=nginx"))
        .startsWith("{\"purged\":\"library/nginx\",\"tags\":1,\"refusals\":0,");
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=nginx"))
        .startsWith("{\"error\":\"docker.io/library/nginx: nothing to purge: ");
  }

  @Test
  void purgeMakesARefusalForgotten() throws Exception {
    start(registry(), mirror -> mirror.set("BREAKWATER_CACHE_NEGATIVE_TTL", "1h"));
    assertManifestUnknown(client.manifest(NGINX, "later"));
    upstream.put(NGINX, "later", image);
    assertManifestUnknown(client.manifest(NGINX, "later"));
    assertThat(mirror.post("/api/purge?upstream=docker.io&repository=library/nginx"))
        .contains("library/nginx");
    assertRight(client.manifest(NGINX, "later"), image.manifest());
  }

  // Time limits: two stages in a row that are answered, each in its time, but too late together,
  // and stages that are never answered.

  static Stream<Arguments> slowStages() {
    RequestMatcher heads = RequestMatcher.manifest().head();
    RequestMatcher gets = RequestMatcher.manifest().get();
    Fault slow = delay(Duration.ofMillis(1200));
    return Stream.of(
        Arguments.of(List.of(RequestMatcher.token(), heads), slow),
        Arguments.of(List.of(heads, gets), slow),
        Arguments.of(List.of(RequestMatcher.token(), gets), slow),
        Arguments.of(List.of(RequestMatcher.token()), stallBeforeHead()),
        Arguments.of(List.of(gets), stallBeforeHead()));
  }

  @ParameterizedTest
  @MethodSource("slowStages")
  void manifestIsAnsweredForInTimeWhereverTimeIsLost(List<RequestMatcher> stages, Fault slow)
      throws Exception {
    start(registry(), mirror -> mirror.limits(IMPATIENT));
    stages.forEach(stage -> upstream.on(stage).then(slow));
    assertUnavailable(manifest());
  }

  @ParameterizedTest
  @MethodSource("slowBlobs")
  void blobIsAnsweredForInTimeWhereverTimeIsLost(RequestMatcher stage, Fault slow)
      throws Exception {
    start(registry(), mirror -> mirror.limits(IMPATIENT));
    upstream.on(stage).then(slow);
    assertBlobUnknown(fetch(layer));
  }

  static Stream<Arguments> slowBlobs() {
    return Stream.of(
        Arguments.of(RequestMatcher.token(), stallBeforeHead()),
        Arguments.of(RequestMatcher.blob().on(Listener.REGISTRY), stallBeforeHead()),
        Arguments.of(RequestMatcher.blob().on(Listener.CDN), stallBeforeHead()));
  }

  // One question for everyone.

  @Test
  void manyClientsCostOneRequestOfEachKind() throws Exception {
    start();
    Gate gate = new Gate();
    upstream.on(RequestMatcher.any()).then(holdUntil(gate));
    List<Supplier<Reply>> kinds =
        List.of(
            this::manifest,
            () -> client.manifestHead(NGINX, TAG),
            () -> client.get("/v2/" + NGINX + "/tags/list"),
            () -> client.get("/v2/" + NGINX + "/referrers/" + image.digest()),
            () -> client.head("/v2/" + NGINX + "/blobs/" + layer.digest()));
    try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Reply>> replies = new ArrayList<>();
      for (int i = 0; i < 40; i++) {
        kinds.forEach(kind -> replies.add(CompletableFuture.supplyAsync(kind, clients)));
      }
      // A later client finds the answer, or joins the flight.
      gate.awaitArrivals(1, Duration.ofSeconds(30));
      Eventually.until(
          "all requests have joined",
          () -> mirror.metric("coalesced_requests_total") >= 79 + 3 * 39);
      gate.open();
      replies.forEach(reply -> assertThat(PullClient.await(reply).status()).isEqualTo(200));
    }
    assertThat(upstream.count(RequestMatcher.token())).as("tokens").isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.manifest().head())).as("HEADs").isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.manifest().get())).as("GETs").isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.tags())).as("tag lists").isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.referrers())).as("referrers").isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.blob().head())).as("blob HEADs").isEqualTo(1);
  }
}
