package dev.breakwater.mirror;

import static dev.breakwater.mirror.MirrorFixture.NGINX;
import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.TagPattern;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PullThroughManifestsTest {
  private static final Tag LATEST = new Tag("latest");
  private static final Digest LAYER = Digest.ofSha256(new byte[] {1});
  private static final TagTtls MINUTE = new TagTtls(Duration.ofSeconds(60), List.of());
  private static final Manifest FIRST = manifest("first");
  private static final Manifest SECOND = manifest("second");

  @TempDir Path data;
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
    mirror.hub.put(LATEST, FIRST);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  @Test
  void aTagCostsOneHeadAndItsDigestOneGet() {
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.value().bytes()).isEqualTo(FIRST.bytes());
    assertThat(served.provenance().result()).isEqualTo(CacheResult.MISS);
    assertUpstreamCalls(1, 1);
  }

  @Test
  void aFreshTagCostsNothing() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(59));
    Served<Manifest> served = get(LATEST);
    assertThat(served.provenance().result()).isEqualTo(CacheResult.HIT);
    assertThat(served.provenance().ttlSeconds()).isEqualTo(1);
    assertUpstreamCalls(1, 1);
  }

  @Test
  void aStaleTagThatHasNotMovedCostsOneHeadAndNoGet() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.HIT);
    assertUpstreamCalls(2, 1);
  }

  @Test
  void aTagThatMovedIsServedAnewAfterItsTimeToLive() {
    get(LATEST);
    mirror.hub.put(LATEST, SECOND);
    assertThat(get(LATEST).value()).isEqualTo(FIRST);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
    assertThat(get(FIRST.digest()).value()).as("still there by digest").isEqualTo(FIRST);
    assertUpstreamCalls(2, 2);
  }

  @Test
  void aClockThatWasSetBackMakesNoTagFreshForever() {
    get(LATEST);
    mirror.clock.turn(Duration.ofDays(-40));
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
  }

  @Test
  void aDigestThatIsHereIsNeverAskedForAgain() {
    get(FIRST.digest());
    mirror.clock.turn(Duration.ofDays(400));
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    assertThat(get(FIRST.digest()).provenance().result()).isEqualTo(CacheResult.HIT);
    assertUpstreamCalls(0, 1);
  }

  @Test
  void aHeadThatSaysNothingOfTheLengthIsFollowedByAGet() {
    ManifestHead nothing = new ManifestHead(FIRST.digest(), FIRST.mediaType(), 0);
    mirror.hub.heads.put(LATEST, nothing);
    mirror.hub.heads.put(FIRST.digest(), nothing);
    assertThat(stat(LATEST).value()).isEqualTo(ManifestStat.of(FIRST));
    assertThat(stat(LATEST).value()).isEqualTo(ManifestStat.of(FIRST));
    assertThat(stat(FIRST.digest()).value()).isEqualTo(ManifestStat.of(FIRST));
    assertUpstreamCalls(1, 1);
  }

  @Test
  void aHeadCostsNoCountedGet() {
    Served<ManifestStat> stat = stat(LATEST);
    assertThat(stat.value()).isEqualTo(ManifestStat.of(FIRST));
    assertThat(stat(LATEST).provenance().result()).isEqualTo(CacheResult.HIT);
    assertThat(stat(FIRST.digest()).value()).isEqualTo(ManifestStat.of(FIRST));
    assertUpstreamCalls(2, 0);
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"CONNECT", "TLS", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED", "INVALID"})
  void anUnwellUpstreamIsAnsweredForFromTheCache(UpstreamOutcome outcome) {
    get(LATEST);
    mirror.clock.turn(Duration.ofDays(1));
    mirror.hub.breakWith(outcome);
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance().result()).isEqualTo(CacheResult.STALE);
    assertThat(served.provenance().detail()).isEqualTo("upstream-" + outcome.label());
    assertThat(stat(LATEST).provenance().result()).isEqualTo(CacheResult.STALE);
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"CONNECT", "TLS", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED", "INVALID"})
  void whatIsNotCachedIsUnavailableWhileUpstreamIsUnwell(UpstreamOutcome outcome) {
    mirror.hub.breakWith(outcome);
    assertError(() -> get(LATEST), ErrorCode.UNAVAILABLE, "scripted " + outcome.label());
    assertThatThrownBy(() -> get(FIRST.digest()))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.retryAfter()).isPresent());
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"UNAUTHORIZED", "DENIED"})
  void aDefiniteNoIsNeverAnsweredFromTheCache(UpstreamOutcome outcome) {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.breakWith(outcome);
    assertError(() -> get(LATEST), ErrorCode.MANIFEST_UNKNOWN, "scripted " + outcome.label());
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertError(() -> get(LATEST), ErrorCode.UNAVAILABLE, "scripted connect");
  }

  @Test
  void aMissingManifestIsRememberedBriefly() {
    Tag missing = new Tag("missing");
    assertError(() -> get(missing), ErrorCode.MANIFEST_UNKNOWN, "404");
    assertError(() -> get(missing), ErrorCode.MANIFEST_UNKNOWN, "404");
    assertUpstreamCalls(1, 0);
    mirror.hub.put(missing, FIRST);
    mirror.clock.turn(Duration.ofSeconds(10));
    assertThat(get(missing).value()).isEqualTo(FIRST);
  }

  @Test
  void zonesDoNotShareManifests() {
    get(LATEST);
    assertError(
        () -> await(mirror.onLoop(() -> mirror.elsewhere("library/nginx").manifests().get(LATEST))),
        ErrorCode.MANIFEST_UNKNOWN,
        "404");
    assertError(
        () ->
            await(
                mirror.onLoop(
                    () -> mirror.elsewhere("library/nginx").manifests().get(FIRST.digest()))),
        ErrorCode.MANIFEST_UNKNOWN,
        "404");
  }

  @Test
  void aManifestGivesItsRepositoryTheRightToReadItsBlobs() {
    get(LATEST);
    assertThat(
            mirror
                .facts
                .get(Tables.LINKS, new InRepository<>(mirror.hub.zone(), NGINX, LAYER))
                .orElseThrow()
                .size())
        .isEqualTo(1);
  }

  @Test
  void aThousandClientsAskUpstreamOnce() {
    List<Future<Served<Manifest>>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(mirror.onLoop(() -> mirror.nginx().manifests().get(LATEST)));
    }
    for (Future<Served<Manifest>> one : all) {
      assertThat(await(one).value()).isEqualTo(FIRST);
    }
    assertThat(mirror.hub.manifestGets).hasValue(1);
    assertThat(mirror.hub.manifestHeads).hasValue(1);
  }

  @Test
  void aThousandClientsAskOnceWhenTheTimeToLiveIsOver() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    List<Future<Served<Manifest>>> all = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      all.add(mirror.onLoop(() -> mirror.nginx().manifests().get(LATEST)));
    }
    all.forEach(one -> assertThat(await(one).value()).isEqualTo(FIRST));
    assertUpstreamCalls(2, 1);
  }

  @Test
  void aSilentUpstreamIsNotWaitedForLongerThanIsUsual() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    Promise<Void> gate = Promise.promise();
    mirror.hub.held = gate.future();
    mirror.hub.health = UpstreamHealth.good(Duration.ofMillis(30));
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance()).isEqualTo(Provenance.stale("upstream-slow"));
    assertThat(stat(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-slow"));
    gate.complete();
    mirror.hub.health = UpstreamHealth.good(Duration.ofSeconds(20));
    get(LATEST);
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.HIT);
    assertUpstreamCalls(2, 1);
  }

  @Test
  void anUpstreamInDoubtIsAskedInTheBackground() {
    get(LATEST);
    mirror.hub.put(LATEST, SECOND);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.health = UpstreamHealth.bad(true, UpstreamOutcome.TIMEOUT);
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance()).isEqualTo(Provenance.stale("upstream-timeout"));
    mirror.hub.health = UpstreamHealth.good(Duration.ofSeconds(20));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
    assertUpstreamCalls(2, 2);
  }

  @Test
  void anUpstreamWithoutAnyProspectIsNotAskedForWhatIsCached() {
    get(LATEST);
    mirror.clock.turn(Duration.ofDays(1));
    mirror.hub.health = UpstreamHealth.bad(false, UpstreamOutcome.CONNECT);
    assertThat(get(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-connect"));
    assertThat(stat(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-connect"));
    assertUpstreamCalls(1, 1);
  }

  @Test
  void aTagThatMovedToWhatCannotBeHadCostsOneHeadPerTimeToLive() {
    get(LATEST);
    mirror.hub.heads.put(LATEST, new ManifestHead(SECOND.digest(), MediaType.OCI_MANIFEST, 1));
    mirror.clock.turn(Duration.ofSeconds(60));
    for (int i = 0; i < 5; i++) {
      assertError(() -> get(LATEST), ErrorCode.MANIFEST_UNKNOWN, "404");
    }
    assertThat(mirror.hub.manifestHeads).as("HEADs").hasValue(2);
  }

  @Test
  void aRepositoryIsMadeOnceForAllRequests() {
    assertThat(mirror.nginx()).isSameAs(mirror.nginx());
    assertThat(mirror.nginx().manifests()).isSameAs(mirror.nginx().manifests());
  }

  @Test
  void twoSlowStepsAreNotWaitedForLongerThanAClientWaits() throws Exception {
    MirrorFixture impatient =
        new MirrorFixture(
            data.resolve("impatient"),
            new PullThrough.Policy(Duration.ofMillis(30), true),
            MINUTE,
            Duration.ZERO);
    try {
      impatient.hub.put(LATEST, FIRST);
      impatient.hub.held = Promise.<Void>promise().future();
      assertError(
          () -> await(impatient.onLoop(() -> impatient.nginx().manifests().get(LATEST))),
          ErrorCode.UNAVAILABLE,
          "takes longer than a client waits");
      assertError(
          () ->
              await(
                  impatient.onLoop(() -> impatient.nginx().blobs().open(LAYER, Optional.empty()))),
          ErrorCode.BLOB_UNKNOWN,
          "takes longer than a client waits");
    } finally {
      impatient.close();
    }
  }

  @Test
  void aTagThatUpstreamDeletedIsServedOn() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.heads.remove(LATEST);
    for (int i = 0; i < 3; i++) {
      Served<Manifest> served = get(LATEST);
      assertThat(served.value()).isEqualTo(FIRST);
      assertThat(served.provenance()).isEqualTo(Provenance.DELETED_UPSTREAM);
    }
    assertThat(stat(LATEST).provenance()).isEqualTo(Provenance.DELETED_UPSTREAM);
    assertUpstreamCalls(2, 1);
    mirror.hub.put(LATEST, SECOND);
    mirror.clock.turn(Duration.ofSeconds(10));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
  }

  @Test
  void aTagThatUpstreamDeletedIsForgottenWhereTheOperatorWantsIt() throws Exception {
    restart(new PullThrough.Policy(Duration.ofSeconds(20), false), MINUTE, Duration.ZERO);
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.heads.remove(LATEST);
    assertError(() -> get(LATEST), ErrorCode.MANIFEST_UNKNOWN, "404");
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertError(() -> get(LATEST), ErrorCode.UNAVAILABLE, "scripted connect");
    assertThat(get(FIRST.digest()).value()).isEqualTo(FIRST);
  }

  @Test
  void patternsGiveTagsTheirOwnTimesToLive() throws Exception {
    TagTtls.Rule hour = new TagTtls.Rule(TagPattern.parse("*:v[0-9]*"), Duration.ofHours(1));
    TagTtls.Rule never = new TagTtls.Rule(TagPattern.parse("*:v*"), Duration.ZERO);
    restart(
        MirrorFixture.POLICY,
        new TagTtls(Duration.ofSeconds(60), List.of(hour, never)),
        Duration.ZERO);
    Tag version = new Tag("v1");
    Tag next = new Tag("vnext");
    mirror.hub.put(version, FIRST);
    mirror.hub.put(next, FIRST);
    get(version);
    get(next);
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertThat(get(version).provenance()).isEqualTo(Provenance.hit(3540));
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
    assertThat(get(next).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
    assertThat(get(next).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
  }

  @Test
  void timesToLiveAreLongerWhileTheQuotaIsLow() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(299));
    mirror.hub.health = UpstreamHealth.good(Duration.ofSeconds(20)).stretched(5);
    assertThat(get(LATEST).provenance()).isEqualTo(Provenance.hit(1));
    mirror.clock.turn(Duration.ofSeconds(1));
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.REVALIDATED);
    assertUpstreamCalls(2, 1);
  }

  @Test
  void aTagInItsGraceIsServedAtOnceAndAskedForInTheBackground() throws Exception {
    restart(MirrorFixture.POLICY, MINUTE, Duration.ofSeconds(30));
    get(LATEST);
    mirror.hub.put(LATEST, SECOND);
    mirror.clock.turn(Duration.ofSeconds(89));
    Promise<Void> gate = Promise.promise();
    mirror.hub.held = gate.future();
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance()).isEqualTo(Provenance.stale("upstream-revalidating"));
    gate.complete();
    mirror.clock.turn(Duration.ofSeconds(1));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
    assertUpstreamCalls(2, 2);
  }

  @Test
  void purgeForgetsWhatUpstreamSaid() {
    get(LATEST);
    Tag later = new Tag("later");
    assertError(() -> get(later), ErrorCode.MANIFEST_UNKNOWN, "404");
    mirror.hub.put(later, FIRST);
    mirror.hub.put(LATEST, SECOND);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.other.zone(), NGINX, Optional.empty())));
    assertThat(get(LATEST).value()).as("of another zone").isEqualTo(FIRST);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, Optional.of(later))));
    assertThat(get(later).value()).isEqualTo(FIRST);
    assertThat(get(LATEST).value()).as("another tag").isEqualTo(FIRST);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, Optional.empty())));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
  }

  @Test
  void purgeTellsWhatItForgot() {
    get(LATEST);
    assertError(() -> get(new Tag("later")), ErrorCode.MANIFEST_UNKNOWN, "404");
    assertThat(purge(Optional.of(new Tag("other"))))
        .isEqualTo(new PurgeInfo("library/nginx", 0, 1, 0, 0));
    assertThat(purge(Optional.of(LATEST))).isEqualTo(new PurgeInfo("library/nginx", 1, 0, 0, 0));
    assertThat(purge(Optional.of(LATEST))).isEqualTo(new PurgeInfo("library/nginx", 0, 0, 0, 0));
    get(LATEST);
    assertThat(purge(Optional.empty())).isEqualTo(new PurgeInfo("library/nginx", 1, 0, 0, 0));
  }

  private PurgeInfo purge(Optional<Tag> tag) {
    return await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, tag)));
  }

  private void restart(PullThrough.Policy policy, TagTtls rules, Duration grace) throws Exception {
    mirror.close();
    mirror = new MirrorFixture(data.resolve("again"), policy, rules, grace);
    mirror.hub.put(LATEST, FIRST);
  }

  private Served<Manifest> get(Reference reference) {
    return await(mirror.onLoop(() -> mirror.nginx().manifests().get(reference)));
  }

  private Served<ManifestStat> stat(Reference reference) {
    return await(mirror.onLoop(() -> mirror.nginx().manifests().stat(reference)));
  }

  private void assertUpstreamCalls(int heads, int gets) {
    assertThat(mirror.hub.manifestHeads).as("HEADs").hasValue(heads);
    assertThat(mirror.hub.manifestGets).as("GETs").hasValue(gets);
  }

  private static void assertError(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(10, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened for 10 s", e);
    }
  }

  private static Manifest manifest(String salt) {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"salt\":\""
                + salt
                + "\",\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
                + "\"digest\":\""
                + LAYER
                + "\",\"size\":1}]}")
            .getBytes(UTF_8);
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }
}
