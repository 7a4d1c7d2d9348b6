package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A manifest costs upstream one HEAD and one GET, however many ask for it. */
class ManifestIsFetchedOnceTest extends ManifestPulls {
  @Test
  void aTagCostsOneHeadAndItsDigestOneGet() {
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.value().bytes()).isEqualTo(FIRST.bytes());
    assertThat(served.provenance().result()).isEqualTo(CacheResult.MISS);
    assertUpstreamCalls(1, 1);
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
  void aTagThatMovedToAMissingManifestCostsOneHeadPerTimeToLive() {
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
}
