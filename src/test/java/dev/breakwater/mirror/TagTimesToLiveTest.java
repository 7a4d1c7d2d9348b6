package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.TagPattern;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * A tag is answered from the cache for its time to live, and then upstream is asked where it
 * points.
 */
class TagTimesToLiveTest extends ManifestPulls {
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
}
