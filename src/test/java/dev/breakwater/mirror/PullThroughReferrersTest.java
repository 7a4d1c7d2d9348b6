package dev.breakwater.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullThroughReferrersTest {
  private static final Digest SUBJECT = Digest.ofSha256(new byte[] {1});
  private static final Digest SIGNATURE = Digest.ofSha256(new byte[] {2});
  private static final Digest SBOM = Digest.ofSha256(new byte[] {3});

  @TempDir Path data;
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static String entry(Digest digest, String type) {
    return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
        + digest
        + "\",\"size\":7,\"artifactType\":\""
        + type
        + "\"}";
  }

  private static Optional<ReferrersIndex> listing(String... entries) {
    return ReferrersIndex.parse(
        ("{\"manifests\":[" + String.join(",", entries) + "]}").getBytes(UTF_8));
  }

  private static Optional<ReferrersIndex> both() {
    return listing(entry(SIGNATURE, "a/sig"), entry(SBOM, "a/sbom"));
  }

  @Test
  void filtersAreAppliedHereToOneListingOfUpstream() {
    mirror.hub.referrers = both();
    assertThat(digests(list("a/sig"))).containsExactly(SIGNATURE);
    assertThat(list("a/sig").value().filtered()).isTrue();
    assertThat(digests(list("a/sbom"))).containsExactly(SBOM);
    assertThat(digests(list("a/other"))).isEmpty();
    Served<ReferrersListing> all = list("");
    assertThat(digests(all)).containsExactly(SIGNATURE, SBOM);
    assertThat(all.value().filtered()).isFalse();
    assertThat(all.provenance().result()).isEqualTo(CacheResult.HIT);
    assertThat(mirror.hub.referrersLists).hasValue(1);
    assertThat(records()).isEqualTo(1);
  }

  @Test
  void listingIsServedOnWhenUpstreamFails() {
    mirror.hub.referrers = both();
    list("");
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.breakWith(UpstreamOutcome.TIMEOUT);
    Served<ReferrersListing> stale = list("a/sig");
    assertThat(stale.provenance().result()).isEqualTo(CacheResult.STALE);
    assertThat(digests(stale)).containsExactly(SIGNATURE);
  }

  @Test
  void emptyListingIsKeptInMemoryOnly() {
    mirror.hub.referrers = listing();
    assertThat(digests(list(""))).isEmpty();
    assertThat(list("a/sig").provenance().result()).isEqualTo(CacheResult.HIT);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.breakWith(UpstreamOutcome.TIMEOUT);
    assertThat(list("").provenance().result()).isEqualTo(CacheResult.STALE);
    assertThat(records()).isZero();
  }

  @Test
  void missingApiIsRememberedAndServedOnWhenUpstreamFails() {
    assertNoApi();
    assertNoApi();
    assertThat(mirror.hub.referrersLists).hasValue(1);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertNoApi();
    assertThat(mirror.hub.referrersLists).as("asked again").hasValue(2);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.breakWith(UpstreamOutcome.TIMEOUT);
    assertNoApi();
    assertThat(records()).isZero();
  }

  @Test
  void rememberedMissingApiIsServedWhileUpstreamIsSilent() {
    assertNoApi();
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.health = UpstreamHealth.good(Duration.ofMillis(10));
    Promise<Void> silence = Promise.promise();
    mirror.hub.held = silence.future();
    assertNoApi();
    mirror.hub.health = UpstreamHealth.bad(false, UpstreamOutcome.CONNECT);
    assertNoApi();
    silence.complete();
  }

  @Test
  void newAnswerReplacesTheFormerOne() {
    assertNoApi();
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.referrers = both();
    assertThat(digests(list(""))).containsExactly(SIGNATURE, SBOM);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.referrers = listing();
    assertThat(digests(list(""))).isEmpty();
    assertThat(records()).isZero();
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.referrers = Optional.empty();
    assertNoApi();
  }

  @Test
  void purgeForgetsThatNothingIsListed() {
    assertNoApi();
    mirror.hub.referrers = both();
    await(mirror.mirror.purge(mirror.hub.zone(), MirrorFixture.NGINX, Optional.empty()));
    assertThat(digests(list(""))).hasSize(2);
  }

  @Test
  void failureOfAnUpstreamNeverAskedBeforeIsUnavailable() {
    mirror.hub.breakWith(UpstreamOutcome.SERVER_ERROR);
    assertError(ErrorCode.UNAVAILABLE);
    mirror.hub.heal();
    mirror.hub.referrers = both();
    assertThat(digests(list(""))).hasSize(2);
  }

  private Served<ReferrersListing> list(String type) {
    Optional<String> filter = Optional.of(type).filter(text -> !text.isEmpty());
    return await(mirror.onLoop(() -> mirror.nginx().referrers().list(SUBJECT, filter)));
  }

  private static List<Digest> digests(Served<ReferrersListing> served) {
    return ReferrersIndex.parse(served.value().index()).orElseThrow().digests();
  }

  private int records() {
    int[] count = new int[1];
    mirror.facts.scan(
        Tables.REFERRERS,
        (key, record) -> {
          assertThat(key.name().artifactType()).isEmpty();
          assertThat(record).isInstanceOf(ReferrersRecord.class);
          count[0]++;
        });
    return count[0];
  }

  private void assertNoApi() {
    assertError(ErrorCode.MANIFEST_UNKNOWN);
  }

  private void assertError(ErrorCode code) {
    assertThatThrownBy(() -> list("a/sig"))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e.failureCause().cacheResult())
                  .isEqualTo(
                      code == ErrorCode.UNAVAILABLE ? CacheResult.ERROR : CacheResult.NEGATIVE);
            });
  }

  private static <T> T await(io.vertx.core.Future<T> future) {
    try {
      return future.await(10, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened for 10 s", e);
    }
  }
}
