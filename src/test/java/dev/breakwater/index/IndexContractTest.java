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
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.Collections;
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
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What every index does. */
abstract class IndexContractTest {
  private Index index;

  abstract Index open() throws Exception;

  @BeforeEach
  void openIndex() throws Exception {
    index = open();
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  @Test
  void anEmptyIndexHoldsNothing() {
    assertHoldsNothing();
  }

  @Test
  void aTagIsReadBackReplacedAndDeleted() {
    index.apply(List.of(new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(1))));
    assertThat(index.tag(ZONE, REPOSITORY, LATEST)).contains(Samples.tag(1));

    index.apply(List.of(new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(2))));
    assertThat(index.tag(ZONE, REPOSITORY, LATEST)).contains(Samples.tag(2));

    index.apply(List.of(new IndexChange.DeleteTag(ZONE, REPOSITORY, LATEST)));
    assertThat(index.tag(ZONE, REPOSITORY, LATEST)).isEmpty();
    assertThat(index.tags(ZONE, REPOSITORY)).isEmpty();
  }

  @Test
  void aManifestIsReadBackByteForByteAndDeleted() {
    Manifest manifest = Samples.manifest(1);
    index.apply(List.of(new IndexChange.PutManifest(ZONE, REPOSITORY, manifest)));
    Manifest read = index.manifest(ZONE, REPOSITORY, manifest.digest()).orElseThrow();
    assertThat(read).isEqualTo(manifest);
    assertThat(read.bytes()).isEqualTo(manifest.bytes());

    index.apply(List.of(new IndexChange.DeleteManifest(ZONE, REPOSITORY, manifest.digest())));
    assertThat(index.manifest(ZONE, REPOSITORY, manifest.digest())).isEmpty();
  }

  @Test
  void theLargestManifestFits() {
    byte[] bytes = new byte[Manifest.MAX_SIZE];
    Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
    index.apply(List.of(new IndexChange.PutManifest(ZONE, REPOSITORY, manifest)));
    assertThat(index.manifest(ZONE, REPOSITORY, manifest.digest()).orElseThrow().bytes())
        .isEqualTo(bytes);
  }

  @Test
  void aLinkIsReadBackEvenWithoutASizeAndDeleted() {
    Digest digest = Samples.digest(1);
    LinkRecord unsized = new LinkRecord(MediaType.OCTET_STREAM, -1);
    index.apply(List.of(new IndexChange.PutLink(ZONE, REPOSITORY, digest, unsized)));
    assertThat(index.link(ZONE, REPOSITORY, digest)).contains(unsized);

    index.apply(List.of(new IndexChange.DeleteLink(ZONE, REPOSITORY, digest)));
    assertThat(index.link(ZONE, REPOSITORY, digest)).isEmpty();
  }

  @Test
  void aBlobIsReadBackAndDeleted() {
    for (Digest digest : Samples.DIGESTS) {
      index.apply(List.of(new IndexChange.PutBlob(digest, Samples.blob(7))));
      assertThat(index.blob(digest)).contains(Samples.blob(7));

      index.apply(List.of(new IndexChange.DeleteBlob(digest)));
      assertThat(index.blob(digest)).isEmpty();
    }
  }

  @Test
  void referrersAreKeptApartByTheFilterAskedFor() {
    Digest subject = Samples.digest(1);
    for (int i = 0; i < Samples.ARTIFACT_TYPES.size(); i++) {
      index.apply(
          List.of(
              new IndexChange.PutReferrers(
                  ZONE, REPOSITORY, subject, Samples.ARTIFACT_TYPES.get(i), Samples.referrers(i))));
    }
    for (int i = 0; i < Samples.ARTIFACT_TYPES.size(); i++) {
      ReferrersRecord read =
          index.referrers(ZONE, REPOSITORY, subject, Samples.ARTIFACT_TYPES.get(i)).orElseThrow();
      assertThat(read).usingRecursiveComparison().isEqualTo(Samples.referrers(i));
    }
    assertThat(index.referrers(ZONE, REPOSITORY, subject, "other")).isEmpty();
    assertThat(index.referrers(ZONE, REPOSITORY, Samples.digest(2), "")).isEmpty();
  }

  @Test
  void howBlobsAndManifestsWereUsedIsKeptApart() {
    Digest digest = Samples.digest(1);
    index.apply(
        List.of(
            new IndexChange.PutBlobUsage(digest, Samples.usage(1)),
            new IndexChange.PutManifestUsage(ZONE, REPOSITORY, digest, Samples.usage(2)),
            new IndexChange.PutBlob(digest, Samples.blob(3))));
    assertThat(index.blobUsage(digest)).contains(Samples.usage(1));
    assertThat(index.manifestUsage(ZONE, REPOSITORY, digest)).contains(Samples.usage(2));
    Map<Digest, UsageRecord> blobs = new HashMap<>();
    index.forEachBlobUsage(blobs::put);
    assertThat(blobs).containsExactly(Map.entry(digest, Samples.usage(1)));

    index.apply(List.of(new IndexChange.DeleteBlobUsage(digest)));
    assertThat(index.blobUsage(digest)).isEmpty();
    assertThat(index.manifestUsage(ZONE, REPOSITORY, digest)).isPresent();
  }

  @Test
  void manyBlobsComeWithTheirOwnUsageAndNobodyElses() {
    List<IndexChange> changes = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      if (i % 3 != 0) {
        changes.add(new IndexChange.PutBlob(Samples.digest(i), Samples.blob(i)));
      }
      if (i % 2 == 0) {
        changes.add(new IndexChange.PutBlobUsage(Samples.digest(i), Samples.usage(i)));
      }
    }
    index.apply(changes);
    List<Digest> visited = new ArrayList<>();
    index.forEachUsedBlob(
        (digest, blob, usage) -> {
          int number = (int) blob.size();
          assertThat(digest).isEqualTo(Samples.digest(number));
          assertThat(usage)
              .isEqualTo(
                  number % 2 == 0
                      ? Optional.of(Samples.usage(number))
                      : Optional.<UsageRecord>empty());
          visited.add(digest);
        });
    assertThat(visited).hasSize(1666).doesNotHaveDuplicates();
  }

  @Test
  void largeManifestsAreVisitedToo() {
    for (int i = 0; i < 3; i++) {
      byte[] bytes = new byte[Manifest.MAX_SIZE];
      bytes[0] = (byte) i;
      Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
      index.apply(List.of(new IndexChange.PutManifest(ZONE, REPOSITORY, manifest)));
    }
    List<Digest> visited = new ArrayList<>();
    index.forEachManifest((zone, repository, digest, manifest) -> visited.add(digest));
    assertThat(visited).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void withinABatchTheLaterChangeWins() {
    index.apply(
        List.of(
            new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(1)),
            new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(2)),
            new IndexChange.DeleteBlob(Samples.digest(1)),
            new IndexChange.PutBlob(Samples.digest(1), Samples.blob(1)),
            new IndexChange.PutBlob(Samples.digest(2), Samples.blob(2)),
            new IndexChange.DeleteBlob(Samples.digest(2))));
    assertThat(index.tag(ZONE, REPOSITORY, LATEST)).contains(Samples.tag(2));
    assertThat(blobs()).containsExactly(Map.entry(Samples.digest(1), Samples.blob(1)));
  }

  @Test
  void anEmptyBatchChangesNothing() {
    index.apply(List.of(new IndexChange.PutBlob(Samples.digest(1), Samples.blob(1))));
    index.apply(List.of());
    assertThat(blobs()).hasSize(1);
  }

  @Test
  void deletingWhatIsNotThereChangesNothing() {
    index.apply(
        List.of(
            new IndexChange.DeleteTag(ZONE, REPOSITORY, LATEST),
            new IndexChange.DeleteManifest(ZONE, REPOSITORY, Samples.digest(1)),
            new IndexChange.DeleteLink(ZONE, REPOSITORY, Samples.digest(1)),
            new IndexChange.DeleteBlob(Samples.digest(1))));
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
                new IndexChange.PutTag(ownZone, own, LATEST, Samples.tag(1)),
                new IndexChange.PutManifest(ownZone, own, Samples.manifest(1)),
                new IndexChange.PutLink(ownZone, own, digest, Samples.link(1)),
                new IndexChange.PutReferrers(ownZone, own, digest, "", Samples.referrers(1))));
        written.add(ownZone + " " + own);
        for (ZoneName zone : Samples.ZONES) {
          for (RepositoryName repository : Samples.REPOSITORIES) {
            boolean known = written.contains(zone + " " + repository);
            assertThat(index.tag(zone, repository, LATEST).isPresent()).isEqualTo(known);
            assertThat(index.tags(zone, repository)).hasSize(known ? 1 : 0);
            assertThat(index.manifest(zone, repository, digest).isPresent()).isEqualTo(known);
            assertThat(index.link(zone, repository, digest).isPresent()).isEqualTo(known);
            assertThat(index.referrers(zone, repository, digest, "").isPresent()).isEqualTo(known);
          }
        }
      }
    }
  }

  @Test
  void deletingInOneRepositoryLeavesItsNamesakesAlone() {
    Digest digest = Samples.manifest(1).digest();
    List<IndexChange> changes = new ArrayList<>();
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        changes.add(new IndexChange.PutTag(zone, repository, LATEST, Samples.tag(1)));
        changes.add(new IndexChange.PutManifest(zone, repository, Samples.manifest(1)));
        changes.add(new IndexChange.PutLink(zone, repository, digest, Samples.link(1)));
      }
    }
    index.apply(changes);
    index.apply(
        List.of(
            new IndexChange.DeleteTag(ZONE, REPOSITORY, LATEST),
            new IndexChange.DeleteManifest(ZONE, REPOSITORY, digest),
            new IndexChange.DeleteLink(ZONE, REPOSITORY, digest)));
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        boolean kept = !(zone.equals(ZONE) && repository.equals(REPOSITORY));
        assertThat(index.tag(zone, repository, LATEST).isPresent()).isEqualTo(kept);
        assertThat(index.manifest(zone, repository, digest).isPresent()).isEqualTo(kept);
        assertThat(index.link(zone, repository, digest).isPresent()).isEqualTo(kept);
      }
    }
  }

  @Test
  void tagsAreListedInByteOrderOfOneRepositoryOnly() {
    List<IndexChange> changes = new ArrayList<>();
    List<Tag> shuffled = new ArrayList<>(Samples.TAGS);
    Collections.reverse(shuffled);
    for (RepositoryName repository : Samples.REPOSITORIES) {
      shuffled.forEach(
          tag -> changes.add(new IndexChange.PutTag(ZONE, repository, tag, Samples.tag(1))));
    }
    index.apply(changes);
    assertThat(index.tags(ZONE, REPOSITORY))
        .containsExactly(
            new Tag("1"), new Tag("1-2"), new Tag("1.2"), new Tag("10"), new Tag("Z"), LATEST);
  }

  @Test
  void manyTagsAndBlobsAreListedWhole() {
    List<IndexChange> changes = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      Tag tag = new Tag("v" + (10_000 + i));
      changes.add(new IndexChange.PutTag(ZONE, REPOSITORY, tag, Samples.tag(i)));
      changes.add(new IndexChange.PutBlob(Samples.digest(i), Samples.blob(i)));
    }
    index.apply(changes);
    assertThat(index.tags(ZONE, REPOSITORY)).hasSize(3000).isSorted().doesNotHaveDuplicates();
    Map<Digest, BlobRecord> blobs = blobs();
    assertThat(blobs).hasSize(3000);
    assertThat(blobs.get(Samples.digest(2999))).isEqualTo(Samples.blob(2999));
  }

  @Test
  void blobsMayBeWrittenAndDeletedWhileAllAreVisited() {
    List<IndexChange> changes = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      changes.add(new IndexChange.PutBlob(Samples.digest(i), Samples.blob(i)));
    }
    index.apply(changes);
    List<Digest> visited = new ArrayList<>();
    index.forEachBlob(
        (digest, blob) -> {
          visited.add(digest);
          index.apply(List.of(new IndexChange.DeleteBlob(digest)));
        });
    assertThat(visited).hasSize(2500).doesNotHaveDuplicates();
    assertThat(blobs()).isEmpty();
  }

  @Test
  void aFailingVisitorEndsTheVisitAndTheIndexStaysUsable() {
    index.apply(List.of(new IndexChange.PutBlob(Samples.digest(1), Samples.blob(1))));
    assertThatThrownBy(
            () ->
                index.forEachBlob(
                    (digest, blob) -> {
                      throw new IllegalStateException("visitor");
                    }))
        .hasMessage("visitor");
    assertThat(blobs()).hasSize(1);
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
                    index.apply(
                        List.of(new IndexChange.PutBlob(Samples.digest(i), Samples.blob(i))));
                    assertThat(index.blob(Samples.digest(i))).contains(Samples.blob(i));
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
    assertThatThrownBy(() -> index.blob(Samples.digest(1)))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(
            () -> index.apply(List.of(new IndexChange.PutBlob(Samples.digest(1), Samples.blob(1)))))
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
    assertThatThrownBy(this::blobs)
        .isInstanceOf(IndexException.class)
        .hasMessageContaining("closed");
  }

  private void assertHoldsNothing() {
    assertThat(index.tag(ZONE, REPOSITORY, LATEST)).isEmpty();
    assertThat(index.tags(ZONE, REPOSITORY)).isEmpty();
    assertThat(index.manifest(ZONE, REPOSITORY, Samples.digest(1))).isEmpty();
    assertThat(index.link(ZONE, REPOSITORY, Samples.digest(1))).isEmpty();
    assertThat(index.blob(Samples.digest(1))).isEmpty();
    assertThat(index.referrers(ZONE, REPOSITORY, Samples.digest(1), "")).isEmpty();
    assertThat(blobs()).isEmpty();
  }

  private Map<Digest, BlobRecord> blobs() {
    Map<Digest, BlobRecord> blobs = new HashMap<>();
    index.forEachBlob(
        (digest, blob) -> assertThat(blobs.put(digest, blob)).as("visited twice").isNull());
    return blobs;
  }
}
