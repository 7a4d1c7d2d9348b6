package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.Faults.wrongByteAt;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.Faults;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Complete answers that are not what was hoped for. */
@Tag("slow")
class UpstreamAnswersTest extends UpstreamFaults {
  private static RequestMatcher manifests() {
    return RequestMatcher.manifest();
  }

  /** Refusals are not remembered, so that the effect of healing is seen at once. */
  private static RunningMirror.Builder forgetful(RunningMirror.Builder builder) {
    return builder.set("BREAKWATER_CACHE_NEGATIVE_TTL", "0s");
  }

  private static RunningMirror.Builder remembering(RunningMirror.Builder builder) {
    return builder.set("BREAKWATER_CACHE_NEGATIVE_TTL", "1h");
  }

  // A captive portal.

  @Test
  void captivePortalIsTakenForAnOutageAndNothingOfItIsKept() throws Exception {
    start();
    upstream.on(any()).then(htmlPage());
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    assertBlobUnknown(fetch(small));
    assertNothingKept();
    upstream.heal();
    pull(image);
    assertOnlyTruthIsKept(image.blobs());
  }

  @Test
  void captivePortalEndsInStaleAnswers() throws Exception {
    start();
    pull(image);
    upstream.on(any()).then(htmlPage());
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }

  @Test
  void captivePortalInPlaceOfTheTokenServerIsTakenForAnOutage() throws Exception {
    start();
    upstream.on(token()).then(htmlPage());
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    upstream.heal();
    pull(image);
  }

  // Manifests that are not what they should be.

  @Test
  void manifestWithWrongBytesIsNotServedAndNotKept() throws Exception {
    start();
    upstream.on(manifests().get()).then(wrongByteAt(20));
    assertUnavailable(manifest());
    assertUnavailable(client.manifest(NGINX, image.digest()));
    assertThat(mirror.upstreamRequests("manifest", "digest_mismatch")).isEqualTo(2);
    assertThat(mirror.metric("digest_mismatch_total")).isEqualTo(2);
    upstream.heal();
    pull(image);
  }

  @Test
  void manifestThatIsAnnouncedUnderAnotherDigestIsNotServed() throws Exception {
    start();
    upstream.on(manifests().get()).then(Faults.contentDigest(layer.digest().toString()));
    assertUnavailable(client.manifest(NGINX, image.digest()));
    upstream.heal();
    assertRight(client.manifest(NGINX, image.digest()), image.manifest());
  }

  // 401, 403.

  @Test
  void privateRepositoryIsUnknownSoThatClientsAskTheRealRegistryThemselves() throws Exception {
    start(registry().account("owner", "secret").privateRepository(NGINX, "owner"));
    assertManifestUnknown(manifest());
    assertBlobUnknown(fetch(layer));
    assertThat(mirror.upstreamRequests("manifest", "401")).isEqualTo(1);
    assertNothingKept();
  }

  @Test
  void privateRepositoryOfOurAccountIsPulledAndItsPasswordGoesNowhereElse() throws Exception {
    start(
        registry().account("owner", "secret-canary").privateRepository(NGINX, "owner"),
        mirror ->
            mirror
                .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME", "owner")
                .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_PASSWORD", "secret-canary")
                .set("BREAKWATER_UPSTREAMS_DOCKER_IO_PUBLIC_ONLY", "false"));
    pull(image);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
    assertThat(upstream.credentialsSeenBy(Listener.REGISTRY))
        .noneMatch(credential -> credential.contains("secret-canary"));
    assertThat(upstream.credentialsSeenBy(Listener.AUTH))
        .anyMatch(credential -> credential.contains("secret-canary"));
    assertThat(mirror.metrics()).doesNotContain("secret-canary");
  }

  @Test
  void tokenThatWasRevokedIsReplacedAndNoClientNotices() throws Exception {
    start();
    assertRight(manifest(), image.manifest());
    upstream.revokeTokens();
    pull(image);
    assertThat(upstream.count(token())).isEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void refusalIsNeverAnsweredFromTheCache(int status) throws Exception {
    start(registry(), UpstreamAnswersTest::forgetful);
    pull(image);
    upstream.on(manifests()).then(status(status));
    assertManifestUnknown(manifest());
    // The tag was forgotten: an outage afterwards does not bring it back.
    upstream.goDown();
    assertUnavailable(manifest());
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403, 404})
  void refusalIsRememberedForAWhile(int status) throws Exception {
    start(registry(), UpstreamAnswersTest::remembering);
    upstream.on(manifests()).then(status(status));
    upstream.on(blob()).then(status(status));
    assertManifestUnknown(manifest());
    assertBlobUnknown(fetch(layer));
    int asked = upstream.requests().size();
    upstream.heal();
    assertManifestUnknown(manifest());
    assertBlobUnknown(fetch(layer));
    assertThat(upstream.requests()).hasSize(asked);
  }

  // 404.

  @Test
  void layerThatTheCdnDoesNotKnowYetIsAskedOnceMoreAndNoClientNotices() throws Exception {
    start(registry(), UpstreamAnswersTest::forgetful);
    upstream.on(blob(layer.digest()).on(Listener.CDN)).once().then(status(404));
    pull(image);
    assertThat(mirror.upstreamRequests("blob", "404")).isZero();
    assertThat(mirror.keeps(layer.digest())).isTrue();
  }

  @Test
  void tagThatIsNotThereIsUnknown() throws Exception {
    start(registry(), UpstreamAnswersTest::forgetful);
    assertManifestUnknown(client.manifest(NGINX, "no-such-tag"));
    assertManifestUnknown(client.manifest("library/no-such-repository", "1"));
    assertManifestUnknown(client.manifest(NGINX, layer.digest()));
    assertBlobUnknown(client.blob(NGINX, image.digest()));
    assertThat(mirror.upstreamRequests("manifest", "404")).isEqualTo(2);
    assertNothingKept();
  }

  @Test
  void tagThatAppearsIsFoundOnceTheRefusalIsForgotten() throws Exception {
    start(registry(), UpstreamAnswersTest::forgetful);
    assertManifestUnknown(client.manifest(NGINX, "later"));
    upstream.put(NGINX, "later", image);
    assertRight(client.manifest(NGINX, "later"), image.manifest());
  }

  // 429.

  @Test
  void tooManyRequestsIsNeverRelayedAndRetryAfterIsHonoured() throws Exception {
    AtomicLong skipped = new AtomicLong();
    start(registry(), mirror -> mirror.nanos(() -> System.nanoTime() + skipped.get()));
    upstream.on(manifests()).then(tooManyRequests(Duration.ofSeconds(77)));
    Reply refused = manifest();
    assertUnavailable(refused);
    assertThat(refused.header("Retry-After")).isEqualTo("77");
    assertRight(fetch(layer), layer);
    assertUnavailable(manifest());
    assertThat(upstream.count(manifests())).isEqualTo(1);
    assertThat(mirror.upstreamRequests("manifest", "429")).isEqualTo(1);
    assertThat(mirror.metric("upstream_avoided_requests_total", "outcome=\"429\"")).isEqualTo(1);
    upstream.heal();
    skipped.addAndGet(Duration.ofSeconds(77).toNanos());
    pull(image);
  }

  @Test
  void usedUpQuotaIsNotFeltForWhatIsCached() throws Exception {
    start(registry().pullLimit(1));
    pull(image);
    upstream.on(manifests().head()).then(tooManyRequests());
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
    assertThat(upstream.count(manifests().get())).isEqualTo(1);
  }

  @Test
  void revalidationCostsNoQuota() throws Exception {
    start(registry().pullLimit(1));
    pull(image);
    Reply again = manifest();
    assertRight(again, image.manifest());
    assertThat(again.header("Cache-Status")).contains("fwd=stale; fwd-status=200");
    assertThat(upstream.count(manifests().get())).isEqualTo(1);
  }

  // 5xx.

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void errorThatPassesIsNotNoticed(int status) throws Exception {
    start();
    upstream.on(manifests().head()).times(2).then(status(status));
    upstream.on(manifests().get()).times(2).then(status(status));
    upstream.on(blob()).times(2).then(status(status));
    pull(image);
  }

  @Test
  void errorThatStaysIsTriedThreeTimesMoreAndThenSaid() throws Exception {
    start();
    upstream.on(any()).then(status(500));
    assertUnavailable(manifest());
    assertThat(upstream.requests()).hasSize(4);
    assertBlobUnknown(fetch(layer));
    assertThat(upstream.requests()).hasSize(8);
    assertThat(mirror.upstreamRequests("manifest", "5xx")).isEqualTo(1);
    assertThat(mirror.upstreamRequests("blob", "5xx")).isEqualTo(1);
    assertNothingKept();
    upstream.heal();
    pull(image);
  }

  @Test
  void errorThatStaysEndsInStaleAnswers() throws Exception {
    start();
    pull(image);
    upstream.on(any()).then(status(503));
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
    assertThat(client.manifestHead(NGINX, TAG).header("Docker-Content-Digest"))
        .isEqualTo(image.digest().toString());
  }
}
