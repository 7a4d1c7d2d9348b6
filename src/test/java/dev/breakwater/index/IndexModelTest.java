package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** RocksDB and the memory twin give the same answers, whatever was written. */
class IndexModelTest {
  private static final List<Manifest> MANIFESTS =
      List.of(Samples.manifest(1), Samples.manifest(2), Samples.manifest(3));

  private record Place(ZoneName zone, RepositoryName repository) {}

  @Property(tries = 30)
  void anyChangesGiveTheAnswersOfTheMemoryTwin(
      @ForAll("histories") List<List<IndexChange>> history, @ForAll boolean reopen)
      throws Exception {
    Path directory = Files.createTempDirectory("index-model");
    MemoryIndex model = new MemoryIndex();
    RocksIndex index = RocksIndex.open(directory.resolve("index")).index();
    try {
      for (List<IndexChange> batch : history) {
        model.apply(batch);
        index.apply(batch);
        if (reopen) {
          index.close();
          index = RocksIndex.open(directory.resolve("index")).index();
        }
      }
      assertSameAnswers(index, model);
    } finally {
      index.close();
      TestTrees.delete(directory);
    }
  }

  private static void assertSameAnswers(Index index, Index model) {
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        assertThat(index.tags(zone, repository)).isEqualTo(model.tags(zone, repository));
        for (Tag tag : Samples.TAGS) {
          assertThat(index.tag(zone, repository, tag)).isEqualTo(model.tag(zone, repository, tag));
        }
        for (Manifest manifest : MANIFESTS) {
          assertThat(bytes(index.manifest(zone, repository, manifest.digest())))
              .isEqualTo(bytes(model.manifest(zone, repository, manifest.digest())));
        }
        for (Digest digest : Samples.DIGESTS) {
          assertThat(index.link(zone, repository, digest))
              .isEqualTo(model.link(zone, repository, digest));
          assertThat(index.manifestUsage(zone, repository, digest))
              .isEqualTo(model.manifestUsage(zone, repository, digest));
          for (String artifactType : Samples.ARTIFACT_TYPES) {
            assertThat(index.referrers(zone, repository, digest, artifactType))
                .usingRecursiveComparison()
                .isEqualTo(model.referrers(zone, repository, digest, artifactType));
          }
        }
      }
    }
    for (Digest digest : Samples.DIGESTS) {
      assertThat(index.blob(digest)).isEqualTo(model.blob(digest));
      assertThat(index.blobUsage(digest)).isEqualTo(model.blobUsage(digest));
    }
    assertThat(blobs(index)).isEqualTo(blobs(model));
    assertThat(everything(index)).containsExactlyInAnyOrderElementsOf(everything(model));
  }

  /** All that the visits tell, as text. */
  private static List<String> everything(Index index) {
    List<String> all = new ArrayList<>();
    index.forEachUsedBlob((digest, blob, usage) -> all.add(digest + " " + blob + " " + usage));
    index.forEachBlobUsage((digest, usage) -> all.add(digest + " " + usage));
    index.forEachManifest(
        (zone, repository, digest, manifest) ->
            all.add(zone + " " + repository + " " + digest + bytes(Optional.of(manifest))));
    index.forEachLink(
        (zone, repository, digest, link) ->
            all.add(zone + " " + repository + " " + digest + " " + link));
    index.forEachTag(
        (zone, repository, tag, record) ->
            all.add(zone + " " + repository + " " + tag + " " + record));
    index.forEachReferrers(
        (zone, repository, subject, record) ->
            all.add(zone + " " + repository + " " + subject + " " + record.checkedAt()));
    return all;
  }

  private static String bytes(Optional<Manifest> manifest) {
    return manifest
        .map(found -> found + new String(found.bytes(), StandardCharsets.UTF_8))
        .orElse("absent");
  }

  private static Map<Digest, BlobRecord> blobs(Index index) {
    Map<Digest, BlobRecord> blobs = new HashMap<>();
    index.forEachBlob(blobs::put);
    return blobs;
  }

  @Provide
  Arbitrary<List<List<IndexChange>>> histories() {
    Arbitrary<Place> places =
        Combinators.combine(Arbitraries.of(Samples.ZONES), Arbitraries.of(Samples.REPOSITORIES))
            .as(Place::new);
    Arbitrary<Tag> tags = Arbitraries.of(Samples.TAGS);
    Arbitrary<Digest> digests = Arbitraries.of(Samples.DIGESTS);
    Arbitrary<Manifest> manifests = Arbitraries.of(MANIFESTS);
    Arbitrary<Integer> numbers = Arbitraries.integers().between(0, 1000);
    Arbitrary<String> types = Arbitraries.of(Samples.ARTIFACT_TYPES);
    Arbitrary<IndexChange> changes =
        Arbitraries.oneOf(
            List.of(
                Combinators.combine(places, tags, numbers)
                    .as(
                        (p, t, n) ->
                            new IndexChange.PutTag(p.zone(), p.repository(), t, Samples.tag(n))),
                Combinators.combine(places, tags)
                    .as((p, t) -> new IndexChange.DeleteTag(p.zone(), p.repository(), t)),
                Combinators.combine(places, manifests)
                    .as((p, m) -> new IndexChange.PutManifest(p.zone(), p.repository(), m)),
                Combinators.combine(places, manifests)
                    .as(
                        (p, m) ->
                            new IndexChange.DeleteManifest(p.zone(), p.repository(), m.digest())),
                Combinators.combine(places, digests, numbers)
                    .as(
                        (p, d, n) ->
                            new IndexChange.PutLink(p.zone(), p.repository(), d, Samples.link(n))),
                Combinators.combine(places, digests)
                    .as((p, d) -> new IndexChange.DeleteLink(p.zone(), p.repository(), d)),
                Combinators.combine(digests, numbers)
                    .as((d, n) -> new IndexChange.PutBlob(d, Samples.blob(n))),
                digests.map(IndexChange.DeleteBlob::new),
                Combinators.combine(places, digests, types, numbers)
                    .as(
                        (p, d, t, n) ->
                            new IndexChange.PutReferrers(
                                p.zone(), p.repository(), d, t, Samples.referrers(n))),
                Combinators.combine(places, digests, types)
                    .as(
                        (p, d, t) ->
                            new IndexChange.DeleteReferrers(p.zone(), p.repository(), d, t)),
                Combinators.combine(digests, numbers)
                    .as((d, n) -> new IndexChange.PutBlobUsage(d, Samples.usage(n))),
                digests.map(IndexChange.DeleteBlobUsage::new),
                Combinators.combine(places, digests, numbers)
                    .as(
                        (p, d, n) ->
                            new IndexChange.PutManifestUsage(
                                p.zone(), p.repository(), d, Samples.usage(n))),
                Combinators.combine(places, digests)
                    .as(
                        (p, d) ->
                            new IndexChange.DeleteManifestUsage(p.zone(), p.repository(), d))));
    return changes.list().ofMinSize(1).ofMaxSize(12).list().ofMaxSize(10);
  }
}
