package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every index does. What it does when facts are visited stands in the class above. */
abstract class IndexContractTest extends IndexScanContractTest {
  @Test
  void anEmptyIndexHoldsNothing() {
    assertHoldsNothing();
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <K, V> void aFactIsReadBackReplacedAndDeletedAndItsNeighboursStay(Samples.Kind<K, V> kind) {
    List<Change> all = new ArrayList<>();
    for (int key = 0; key < kind.keys().size(); key++) {
      assertThat(kind.get(index, key)).isEmpty();
      all.add(kind.put(key, key));
    }
    index.apply(all);
    assertHolds(kind, key -> Optional.of(key));

    index.apply(List.of(kind.put(1, 1001)));
    assertHolds(kind, key -> Optional.of(key == 1 ? 1001 : key));

    index.apply(List.of(kind.delete(1)));
    assertHolds(kind, key -> key == 1 ? Optional.empty() : Optional.of(key));
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <K, V> void tablesAreKeptApart(Samples.Kind<K, V> kind) {
    List<Change> all = new ArrayList<>();
    for (int key = 0; key < kind.keys().size(); key++) {
      all.add(kind.put(key, key));
    }
    index.apply(all);
    for (Samples.Kind<?, ?> other : Samples.KINDS) {
      assertThat(scan(other.table())).hasSize(other.equals(kind) ? kind.keys().size() : 0);
    }
  }

  /** By get and by scan. */
  private <K, V> void assertHolds(
      Samples.Kind<K, V> kind, Function<Integer, Optional<Integer>> number) {
    Map<K, V> scanned = scan(kind.table());
    for (int i = 0; i < kind.keys().size(); i++) {
      K key = kind.keys().get(i);
      Optional<V> fact = number.apply(i).map(n -> kind.fact().apply(key, n));
      assertThat(kind.get(index, i)).as("%s", key).usingRecursiveComparison().isEqualTo(fact);
      assertThat(Optional.ofNullable(scanned.get(key)))
          .as("%s", key)
          .usingRecursiveComparison()
          .isEqualTo(fact);
    }
  }

  @Test
  void aManifestIsReadBackByteForByteAndDeleted() {
    Manifest manifest = Samples.manifest(1);
    index.apply(
        List.of(
            Tables.MANIFESTS.put(
                new InRepository<>(ZONE, REPOSITORY, manifest.digest()), manifest)));
    Manifest read =
        index
            .get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, manifest.digest()))
            .orElseThrow();
    assertThat(read).isEqualTo(manifest);
    assertThat(read.bytes()).isEqualTo(manifest.bytes());

    index.apply(
        List.of(Tables.MANIFESTS.delete(new InRepository<>(ZONE, REPOSITORY, manifest.digest()))));
    assertThat(index.get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, manifest.digest())))
        .isEmpty();
  }

  @Test
  void theLargestManifestFits() {
    byte[] bytes = new byte[Manifest.MAX_SIZE];
    Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
    index.apply(
        List.of(
            Tables.MANIFESTS.put(
                new InRepository<>(ZONE, REPOSITORY, manifest.digest()), manifest)));
    assertThat(
            index
                .get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, manifest.digest()))
                .orElseThrow()
                .bytes())
        .isEqualTo(bytes);
  }

  @Test
  void aLinkIsReadBackEvenWithoutASizeAndDeleted() {
    Digest digest = Samples.digest(1);
    LinkRecord unsized = new LinkRecord(MediaType.OCTET_STREAM, -1);
    index.apply(List.of(Tables.LINKS.put(new InRepository<>(ZONE, REPOSITORY, digest), unsized)));
    assertThat(index.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, digest)))
        .contains(unsized);

    index.apply(List.of(Tables.LINKS.delete(new InRepository<>(ZONE, REPOSITORY, digest))));
    assertThat(index.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, digest))).isEmpty();
  }

  @Test
  void aBlobIsReadBackAndDeleted() {
    for (Digest digest : Samples.DIGESTS) {
      index.apply(List.of(Tables.BLOBS.put(digest, Samples.blob(7))));
      assertThat(index.get(Tables.BLOBS, digest)).contains(Samples.blob(7));

      index.apply(List.of(Tables.BLOBS.delete(digest)));
      assertThat(index.get(Tables.BLOBS, digest)).isEmpty();
    }
  }

  @Test
  void referrersAreKeptApartByTheFilterAskedFor() {
    Digest subject = Samples.digest(1);
    for (int i = 0; i < Samples.ARTIFACT_TYPES.size(); i++) {
      index.apply(
          List.of(
              Tables.REFERRERS.put(
                  new InRepository<>(
                      ZONE, REPOSITORY, new Subject(subject, Samples.ARTIFACT_TYPES.get(i))),
                  Samples.referrers(i))));
    }
    for (int i = 0; i < Samples.ARTIFACT_TYPES.size(); i++) {
      ReferrersRecord read =
          index
              .get(
                  Tables.REFERRERS,
                  new InRepository<>(
                      ZONE, REPOSITORY, new Subject(subject, Samples.ARTIFACT_TYPES.get(i))))
              .orElseThrow();
      assertThat(read).usingRecursiveComparison().isEqualTo(Samples.referrers(i));
    }
    assertThat(
            index.get(
                Tables.REFERRERS,
                new InRepository<>(ZONE, REPOSITORY, new Subject(subject, "other"))))
        .isEmpty();
    assertThat(
            index.get(
                Tables.REFERRERS,
                new InRepository<>(ZONE, REPOSITORY, new Subject(Samples.digest(2), ""))))
        .isEmpty();
  }

  @Test
  void howBlobsAndManifestsWereUsedIsKeptApart() {
    Digest digest = Samples.digest(1);
    index.apply(
        List.of(
            Tables.BLOB_USAGE.put(digest, Samples.usage(1)),
            Tables.MANIFEST_USAGE.put(
                new InRepository<>(ZONE, REPOSITORY, digest), Samples.usage(2)),
            Tables.BLOBS.put(digest, Samples.blob(3))));
    assertThat(index.get(Tables.BLOB_USAGE, digest)).contains(Samples.usage(1));
    assertThat(index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, REPOSITORY, digest)))
        .contains(Samples.usage(2));
    Map<Digest, UsageRecord> blobs = new HashMap<>();
    index.scan(Tables.BLOB_USAGE, blobs::put);
    assertThat(blobs).containsExactly(Map.entry(digest, Samples.usage(1)));

    index.apply(List.of(Tables.BLOB_USAGE.delete(digest)));
    assertThat(index.get(Tables.BLOB_USAGE, digest)).isEmpty();
    assertThat(index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, REPOSITORY, digest)))
        .isPresent();
  }

  @Test
  void withinABatchTheLaterChangeWins() {
    index.apply(
        List.of(
            Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(1)),
            Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(2)),
            Tables.BLOBS.delete(Samples.digest(1)),
            Tables.BLOBS.put(Samples.digest(1), Samples.blob(1)),
            Tables.BLOBS.put(Samples.digest(2), Samples.blob(2)),
            Tables.BLOBS.delete(Samples.digest(2))));
    assertThat(index.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST)))
        .contains(Samples.tag(2));
    assertThat(blobs()).containsExactly(Map.entry(Samples.digest(1), Samples.blob(1)));
  }

  @Test
  void anEmptyBatchChangesNothing() {
    index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1))));
    index.apply(List.of());
    assertThat(blobs()).hasSize(1);
  }

  @Test
  void deletingWhatIsNotThereChangesNothing() {
    index.apply(
        List.of(
            Tables.TAGS.delete(new InRepository<>(ZONE, REPOSITORY, LATEST)),
            Tables.MANIFESTS.delete(new InRepository<>(ZONE, REPOSITORY, Samples.digest(1))),
            Tables.LINKS.delete(new InRepository<>(ZONE, REPOSITORY, Samples.digest(1))),
            Tables.BLOBS.delete(Samples.digest(1))));
    assertHoldsNothing();
  }

  @Test
  void zonesAndRepositoriesNeverLeakIntoEachOther() {
    Digest digest = Samples.manifest(1).digest();
    Set<String> written = new HashSet<>();
    for (ZoneName ownZone : Samples.ZONES) {
      for (RepositoryName own : Samples.REPOSITORIES) {
        index.apply(
            List.of(
                Tables.TAGS.put(new InRepository<>(ownZone, own, LATEST), Samples.tag(1)),
                Tables.MANIFESTS.put(
                    new InRepository<>(ownZone, own, Samples.manifest(1).digest()),
                    Samples.manifest(1)),
                Tables.LINKS.put(new InRepository<>(ownZone, own, digest), Samples.link(1)),
                Tables.REFERRERS.put(
                    new InRepository<>(ownZone, own, new Subject(digest, "")),
                    Samples.referrers(1))));
        written.add(ownZone + " " + own);
        for (ZoneName zone : Samples.ZONES) {
          for (RepositoryName repository : Samples.REPOSITORIES) {
            boolean known = written.contains(zone + " " + repository);
            assertThat(
                    index
                        .get(Tables.TAGS, new InRepository<>(zone, repository, LATEST))
                        .isPresent())
                .isEqualTo(known);
            assertThat(Samples.tags(index, zone, repository)).hasSize(known ? 1 : 0);
            assertThat(
                    index
                        .get(Tables.MANIFESTS, new InRepository<>(zone, repository, digest))
                        .isPresent())
                .isEqualTo(known);
            assertThat(
                    index
                        .get(Tables.LINKS, new InRepository<>(zone, repository, digest))
                        .isPresent())
                .isEqualTo(known);
            assertThat(
                    index
                        .get(
                            Tables.REFERRERS,
                            new InRepository<>(zone, repository, new Subject(digest, "")))
                        .isPresent())
                .isEqualTo(known);
          }
        }
      }
    }
  }

  @Test
  void deletingInOneRepositoryLeavesItsNamesakesAlone() {
    Digest digest = Samples.manifest(1).digest();
    List<Change> changes = new ArrayList<>();
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        changes.add(Tables.TAGS.put(new InRepository<>(zone, repository, LATEST), Samples.tag(1)));
        changes.add(
            Tables.MANIFESTS.put(
                new InRepository<>(zone, repository, Samples.manifest(1).digest()),
                Samples.manifest(1)));
        changes.add(
            Tables.LINKS.put(new InRepository<>(zone, repository, digest), Samples.link(1)));
      }
    }
    index.apply(changes);
    index.apply(
        List.of(
            Tables.TAGS.delete(new InRepository<>(ZONE, REPOSITORY, LATEST)),
            Tables.MANIFESTS.delete(new InRepository<>(ZONE, REPOSITORY, digest)),
            Tables.LINKS.delete(new InRepository<>(ZONE, REPOSITORY, digest))));
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        boolean kept = !(zone.equals(ZONE) && repository.equals(REPOSITORY));
        assertThat(index.get(Tables.TAGS, new InRepository<>(zone, repository, LATEST)).isPresent())
            .isEqualTo(kept);
        assertThat(
                index
                    .get(Tables.MANIFESTS, new InRepository<>(zone, repository, digest))
                    .isPresent())
            .isEqualTo(kept);
        assertThat(
                index.get(Tables.LINKS, new InRepository<>(zone, repository, digest)).isPresent())
            .isEqualTo(kept);
      }
    }
  }

  @Test
  void readersAndWritersWorkAtOnceAndLoseNothing() throws Exception {
    int writers = 4;
    int each = 300;
    try (ExecutorService threads = Executors.newFixedThreadPool(writers)) {
      CountDownLatch start = new CountDownLatch(1);
      List<Future<?>> running = new ArrayList<>();
      for (int w = 0; w < writers; w++) {
        int first = w * each;
        running.add(
            threads.submit(
                () -> {
                  start.await();
                  for (int i = first; i < first + each; i++) {
                    index.apply(List.of(Tables.BLOBS.put(Samples.digest(i), Samples.blob(i))));
                    assertThat(index.get(Tables.BLOBS, Samples.digest(i)))
                        .contains(Samples.blob(i));
                  }
                  return first;
                }));
      }
      start.countDown();
      for (Future<?> future : running) {
        future.get();
      }
    }
    assertThat(blobs()).hasSize(writers * each);
  }

  @Test
  void aClosedIndexSaysSoAndMayBeClosedAgain() {
    index.close();
    index.close();
    assertThatThrownBy(() -> index.get(Tables.BLOBS, Samples.digest(1)))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(
            () -> index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1)))))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(this::blobs)
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
  }

  private void assertHoldsNothing() {
    assertThat(index.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))).isEmpty();
    assertThat(Samples.tags(index, ZONE, REPOSITORY)).isEmpty();
    assertThat(index.get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, Samples.digest(1))))
        .isEmpty();
    assertThat(index.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, Samples.digest(1))))
        .isEmpty();
    assertThat(index.get(Tables.BLOBS, Samples.digest(1))).isEmpty();
    assertThat(
            index.get(
                Tables.REFERRERS,
                new InRepository<>(ZONE, REPOSITORY, new Subject(Samples.digest(1), ""))))
        .isEmpty();
    assertThat(blobs()).isEmpty();
  }
}
