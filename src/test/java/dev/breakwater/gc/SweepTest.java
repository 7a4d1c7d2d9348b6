package dev.breakwater.gc;

import static dev.breakwater.gc.Manifests.image;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.index.VisibilityRecord;
import dev.breakwater.index.WholeRepository;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.PartFile;
import dev.breakwater.testing.Eventually;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  private static final ZoneName ZONE = new ZoneName("docker.io");
  private static final ZoneName OTHER_ZONE = new ZoneName("ghcr.io");
  private static final RepositoryName NAME = new RepositoryName("library/nginx");
  private static final Tag TAG = new Tag("latest");
  private static final Duration MAX_IDLE = Duration.ofDays(30);
  private static final Duration GRACE = Duration.ofHours(1);

  @TempDir Path data;
  private final AtomicLong oldestUse = new AtomicLong();
  private CacheFixture cache;
  private Sweeper sweeper;
  private Digest config;
  private Digest layer;
  private Manifest manifest;

  /** An image of two blobs, pulled by tag just now. */
  @BeforeEach
  void pull() throws Exception {
    cache = new CacheFixture(data, 1 << 20);
    sweeper =
        new Sweeper(
            cache.sweeperParts(),
            new Sweeper.Settings(Duration.ofHours(1), GRACE, MAX_IDLE, false),
            oldestUse::set);
    config = cache.blob(1);
    layer = cache.blob(2);
    manifest = image(config, layer);
    store(ZONE, manifest);
    cache.index.apply(
        List.of(
            Tables.TAGS.put(
                new InRepository<>(ZONE, NAME, TAG),
                new TagRecord(
                    manifest.digest(), manifest.mediaType(), manifest.size(), cache.now()))));
    use(ZONE, manifest);
  }

  @AfterEach
  void close() throws Exception {
    cache.close();
  }

  @Test
  void whatWasUsedLatelyStays() {
    cache.turn(MAX_IDLE.minusSeconds(1));
    SweepInfo report = sweeper.sweepNow(1, false);
    assertThat(report.outcome()).isEqualTo("done");
    assertThat(report.blobs() + report.manifests() + report.tags() + report.links()).isZero();
    assertThat(report.kept()).isEqualTo(2);
    assertThat(cache.has(layer)).isTrue();
    assertThat(oldestUse.get()).isEqualTo(cache.now() - MAX_IDLE.toMillis() + 1000);
  }

  @Test
  void anImageThatWasNotUsedForTooLongGoesWithTagBlobsAndThenLinks() {
    cache.turn(MAX_IDLE);
    SweepInfo report = sweeper.sweepNow(1, false);
    assertThat(report.manifests()).isEqualTo(1);
    assertThat(report.tags()).isEqualTo(1);
    assertThat(report.blobs()).isEqualTo(2);
    assertThat(report.blobBytes()).isEqualTo(2 * CacheFixture.BLOCK);
    assertThat(report.links()).isZero();
    assertThat(report.waiting()).as("links have their grace").isEqualTo(2);
    assertThat(cache.store.contains(layer)).isFalse();
    assertThat(cache.index.get(Tables.BLOBS, layer)).isEmpty();
    assertThat(cache.index.get(Tables.MANIFESTS, new InRepository<>(ZONE, NAME, manifest.digest())))
        .isEmpty();
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isEmpty();
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(ZONE, NAME, layer))).isPresent();
    assertThat(cache.budget.used()).isZero();

    cache.turn(GRACE);
    assertThat(sweeper.sweepNow(2, false).links()).isEqualTo(2);
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(ZONE, NAME, layer))).isEmpty();
    assertThat(cache.index.get(Tables.BLOB_USAGE, layer)).isEmpty();
  }

  @Test
  void whatUpstreamSaidOfARepositoryStaysAsLongAsAManifestOfIt() {
    InRepository<WholeRepository> own = new InRepository<>(ZONE, NAME, WholeRepository.ALL);
    InRepository<WholeRepository> elsewhere =
        new InRepository<>(OTHER_ZONE, NAME, WholeRepository.ALL);
    VisibilityRecord told = new VisibilityRecord(true, Optional.of(TAG), cache.now());
    cache.index.apply(
        List.of(Tables.VISIBILITY.put(own, told), Tables.VISIBILITY.put(elsewhere, told)));
    cache.turn(MAX_IDLE);
    sweeper.sweepNow(1, false);
    assertThat(cache.index.get(Tables.VISIBILITY, elsewhere)).as("not older than that").isPresent();
    store(ZONE, manifest);
    use(ZONE, manifest);
    cache.turn(Duration.ofMillis(1));
    sweeper.sweepNow(2, false);
    assertThat(cache.index.get(Tables.VISIBILITY, elsewhere)).isEmpty();
    assertThat(cache.index.get(Tables.VISIBILITY, own)).contains(told);
    cache.turn(MAX_IDLE);
    sweeper.sweepNow(3, false);
    assertThat(cache.index.get(Tables.VISIBILITY, own)).isEmpty();
  }

  @Test
  void aDryRunTellsTheSameAndDeletesNothing() {
    cache.turn(MAX_IDLE);
    SweepInfo dry = sweeper.sweepNow(1, true);
    assertThat(cache.has(layer)).isTrue();
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isPresent();
    SweepInfo real = sweeper.sweepNow(1, false);
    assertThat(dry).usingRecursiveComparison().ignoringFields("dryRun", "seconds").isEqualTo(real);
  }

  @Test
  void aPinnedManifestStaysWithItsTagItsBlobsAndItsLinks() {
    cache.pinnedManifests.add(new InRepository<>(ZONE, NAME, manifest.digest()));
    cache.turn(MAX_IDLE);
    for (int i = 0; i < 2; i++) {
      SweepInfo report = sweeper.sweepNow(i, false);
      assertThat(report.blobs() + report.manifests() + report.tags() + report.links()).isZero();
      cache.turn(GRACE);
    }
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isPresent();
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void whatIsPinnedAfterTheSweepHasLookedAtItStays() {
    cache.pinsLate = true;
    cache.turn(MAX_IDLE);
    sweeper.sweepNow(1, false);
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isPresent();
    assertThat(cache.index.get(Tables.MANIFESTS, new InRepository<>(ZONE, NAME, manifest.digest())))
        .isPresent();
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void aPinHoldsNothingInAnotherZone() {
    cache.pinnedManifests.add(new InRepository<>(OTHER_ZONE, NAME, manifest.digest()));
    cache.pinnedTags.add(new InRepository<>(OTHER_ZONE, NAME, TAG));
    cache.turn(MAX_IDLE);
    SweepInfo report = sweeper.sweepNow(1, false);
    assertThat(report.manifests()).isEqualTo(1);
    assertThat(report.tags()).isEqualTo(1);
  }

  @Test
  void aPinnedTagStaysAndHoldsNothingElse() {
    cache.pinnedTags.add(new InRepository<>(ZONE, NAME, TAG));
    cache.turn(MAX_IDLE);
    SweepInfo report = sweeper.sweepNow(1, false);
    assertThat(report.tags()).isZero();
    assertThat(report.manifests()).isEqualTo(1);
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isPresent();
  }

  @Test
  void aPinnedBlobKeepsItsLink() {
    cache.pinned.add(layer);
    cache.turn(MAX_IDLE);
    sweeper.sweepNow(1, false);
    cache.turn(GRACE);
    assertThat(sweeper.sweepNow(2, false).links()).as("that of the config").isEqualTo(1);
    assertThat(cache.has(layer)).isTrue();
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(ZONE, NAME, layer))).isPresent();
  }

  @Test
  void theUseOfAManifestKeepsItsTagItsBlobsAndItsLinks() {
    cache.turn(MAX_IDLE);
    cache.recent.manifest(ZONE, NAME, manifest.digest(), cache.now());
    for (int i = 0; i < 2; i++) {
      SweepInfo report = sweeper.sweepNow(i, false);
      assertThat(report.blobs() + report.manifests() + report.tags() + report.links()).isZero();
      cache.turn(GRACE);
    }
    assertThat(cache.index.get(Tables.TAGS, new InRepository<>(ZONE, NAME, TAG))).isPresent();
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void aBlobThatALivingImageOfAnotherZoneNamesStays() {
    cache.turn(MAX_IDLE);
    Manifest other = image(layer);
    store(OTHER_ZONE, other);
    cache.index.apply(
        List.of(
            Tables.MANIFEST_USAGE.put(
                new InRepository<>(OTHER_ZONE, NAME, other.digest()),
                new UsageRecord(cache.now(), 1))));
    assertThat(sweeper.sweepNow(1, false).blobs()).isEqualTo(1);
    assertThat(cache.has(layer)).isTrue();
    assertThat(cache.has(config)).isFalse();
    cache.turn(GRACE);
    sweeper.sweepNow(2, false);
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(ZONE, NAME, layer)))
        .as("its own link is of no use")
        .isEmpty();
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(OTHER_ZONE, NAME, layer)))
        .isPresent();
  }

  @Test
  void whatIsPulledByDigestNeedsNoManifest() throws Exception {
    cache.turn(MAX_IDLE);
    Digest alone = cache.blob(7);
    link(ZONE, alone);
    cache.recent.blob(alone, cache.now());
    sweeper.sweepNow(1, false);
    cache.turn(GRACE);
    sweeper.sweepNow(2, false);
    assertThat(cache.has(alone)).isTrue();
    assertThat(cache.index.get(Tables.LINKS, new InRepository<>(ZONE, NAME, alone))).isPresent();
  }

  @Test
  void whatIsPinnedOrReadStays() throws Exception {
    cache.turn(MAX_IDLE);
    cache.pinned.add(config);
    var read = cache.store.open(layer).await(10, java.util.concurrent.TimeUnit.SECONDS);
    assertThat(sweeper.sweepNow(1, false).blobs()).isZero();
    assertThat(cache.has(config)).isTrue();
    assertThat(cache.has(layer)).isTrue();
    read.release();
    assertThat(sweeper.sweepNow(2, false).blobs()).isEqualTo(1);
  }

  @Test
  void aManifestWithoutARecordOfUseCountsAsUsedNow() {
    cache.turn(MAX_IDLE);
    cache.index.apply(
        List.of(Tables.MANIFEST_USAGE.delete(new InRepository<>(ZONE, NAME, manifest.digest()))));
    assertThat(sweeper.sweepNow(1, false).manifests()).isZero();
    assertThat(cache.has(layer)).isTrue();
    cache.turn(MAX_IDLE);
    assertThat(sweeper.sweepNow(2, false).manifests()).isEqualTo(1);
  }

  @Test
  void oldListingsOfReferrersGoUnlessTheirSubjectLives() {
    Digest gone = Digest.ofSha256(new byte[] {9});
    for (Digest subject : List.of(gone, manifest.digest())) {
      cache.index.apply(
          List.of(
              Tables.REFERRERS.put(
                  new InRepository<>(ZONE, NAME, new Subject(subject, "")),
                  new ReferrersRecord(new byte[0], false, cache.now()))));
    }
    cache.turn(MAX_IDLE);
    use(ZONE, manifest);
    assertThat(sweeper.sweepNow(1, false).referrers()).isEqualTo(1);
    assertThat(
            cache.index.get(
                Tables.REFERRERS, new InRepository<>(ZONE, NAME, new Subject(gone, ""))))
        .isEmpty();
    assertThat(
            cache.index.get(
                Tables.REFERRERS,
                new InRepository<>(ZONE, NAME, new Subject(manifest.digest(), ""))))
        .isPresent();
  }

  @Test
  void theRestOfADownloadGoesAfterADay() throws Exception {
    Digest half = Digest.ofSha256(new byte[] {1});
    try (PartFile part = cache.store.parts().open(half).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(new byte[100])});
      part.saveState();
    }
    Path file = data.resolve("downloads").resolve(half.hex() + ".part");
    Files.setLastModifiedTime(
        file, FileTime.fromMillis(cache.now() - Duration.ofHours(23).toMillis()));
    assertThat(sweeper.sweepNow(1, false).downloads()).isZero();
    cache.turn(Duration.ofHours(2));
    try (PartFile _ = cache.store.parts().open(half).orElseThrow()) {
      assertThat(sweeper.sweepNow(2, false).downloads()).as("under way").isZero();
    }
    assertThat(sweeper.sweepNow(3, false).downloads()).isEqualTo(1);
    assertThat(data.resolve("downloads")).isEmptyDirectory();
  }

  @Test
  void aSweepThatIsStoppedSaysSoAndTheNextOneDoesTheRest() {
    cache.turn(MAX_IDLE);
    Thread.currentThread().interrupt();
    SweepInfo stopped = sweeper.sweepNow(1, false);
    assertThat(Thread.interrupted()).isTrue();
    assertThat(stopped.outcome()).isEqualTo("stopped");
    SweepInfo rest = sweeper.sweepNow(2, false);
    assertThat(stopped.blobs() + rest.blobs()).isEqualTo(2);
  }

  @Test
  void itSweepsByItselfAndWhenAskedButNotBeforeItMay() throws Exception {
    cache.turn(MAX_IDLE);
    AtomicLong may = new AtomicLong();
    try (Sweeper running =
        new Sweeper(
            cache.sweeperParts(),
            new Sweeper.Settings(Duration.ofDays(1), GRACE, MAX_IDLE, true),
            oldest -> {})) {
      running.start(() -> may.get() > 0);
      long id = running.request(false);
      assertThat(running.request(false)).isEqualTo(id);
      assertThat(running.status().last()).isNull();
      may.set(1);
      Eventually.until("the sweep has ended", () -> running.status().last() != null);
      assertThat(running.status().last().id()).isEqualTo(id);
      assertThat(cache.has(layer)).isFalse();
    }
  }

  @Test
  void sharedBlobsAreCountedOnceAndForEachRepository() {
    store(OTHER_ZONE, image(layer));
    DiskUsage du = Du.of(cache.index, false);
    assertThat(du.blobs()).isEqualTo(2);
    assertThat(du.blobBytes()).isEqualTo(2 * CacheFixture.BLOCK);
    assertThat(du.logicalBytes()).isEqualTo(3 * CacheFixture.BLOCK);
    assertThat(du.registries())
        .containsExactly(
            new DiskUsage.ZoneUsage(
                "docker.io", 1, 2, 2 * CacheFixture.BLOCK, 2 * CacheFixture.BLOCK),
            new DiskUsage.ZoneUsage("ghcr.io", 1, 1, CacheFixture.BLOCK, CacheFixture.BLOCK));
  }

  private void store(ZoneName zone, Manifest image) {
    cache.index.apply(
        List.of(Tables.MANIFESTS.put(new InRepository<>(zone, NAME, image.digest()), image)));
    for (Descriptor blob : ManifestDocument.parse(image.mediaType(), image.bytes()).blobs()) {
      link(zone, blob.digest());
    }
  }

  private void link(ZoneName zone, Digest digest) {
    cache.index.apply(
        List.of(
            Tables.LINKS.put(
                new InRepository<>(zone, NAME, digest),
                new LinkRecord(MediaType.OCTET_STREAM, 4096))));
  }

  private void use(ZoneName zone, Manifest image) {
    cache.recent.manifest(zone, NAME, image.digest(), cache.now());
    cache.usage.flush();
  }
}
