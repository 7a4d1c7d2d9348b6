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
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What every index does when all facts of a table or a repository are visited. */
abstract class IndexScanContractTest {
  Index index;

  abstract Index open() throws Exception;

  @BeforeEach
  void openIndex() throws Exception {
    index = open();
  }

  @AfterEach
  void closeIndex() {
    index.close();
  }

  private static List<Samples.Kind<?, ?>> kinds() {
    return Samples.KINDS;
  }

  @ParameterizedTest
  @MethodSource("kinds")
  <K, V> void aScanIsInTheOrderOfTheKeysBytes(Samples.Kind<K, V> kind) {
    for (int key = kind.keys().size() - 1; key >= 0; key--) {
      index.apply(List.of(kind.put(key, key)));
    }
    List<byte[]> keys = new ArrayList<>();
    index.scan(kind.table(), (key, fact) -> keys.add(kind.table().keys().encode().apply(key)));
    assertThat(keys).hasSize(kind.keys().size()).isSortedAccordingTo(Arrays::compareUnsigned);
  }

  @Test
  void manyBlobsComeWithTheirOwnUsageAndNoOther() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      if (i % 3 != 0) {
        changes.add(Tables.BLOBS.put(Samples.digest(i), Samples.blob(i)));
      }
      if (i % 2 == 0) {
        changes.add(Tables.BLOB_USAGE.put(Samples.digest(i), Samples.usage(i)));
      }
    }
    index.apply(changes);
    List<Digest> visited = new ArrayList<>();
    index.join(
        Tables.BLOBS,
        Tables.BLOB_USAGE,
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
      index.apply(
          List.of(
              Tables.MANIFESTS.put(
                  new InRepository<>(ZONE, REPOSITORY, manifest.digest()), manifest)));
    }
    List<Digest> visited = new ArrayList<>();
    index.scan(Tables.MANIFESTS, (key, manifest) -> visited.add(key.name()));
    assertThat(visited).hasSize(3).doesNotHaveDuplicates();
  }

  @Test
  void tagsAreListedInByteOrderOfOneRepositoryOnly() {
    List<Change> changes = new ArrayList<>();
    List<Tag> shuffled = new ArrayList<>(Samples.TAGS);
    Collections.reverse(shuffled);
    for (RepositoryName repository : Samples.REPOSITORIES) {
      shuffled.forEach(
          tag ->
              changes.add(
                  Tables.TAGS.put(new InRepository<>(ZONE, repository, tag), Samples.tag(1))));
    }
    index.apply(changes);
    assertThat(Samples.tags(index, ZONE, REPOSITORY))
        .containsExactly(
            new Tag("1"), new Tag("1-2"), new Tag("1.2"), new Tag("10"), new Tag("Z"), LATEST);
  }

  @Test
  void manyTagsAndBlobsAreListedWhole() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 3000; i++) {
      Tag tag = new Tag("v" + (10_000 + i));
      changes.add(Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, tag), Samples.tag(i)));
      changes.add(Tables.BLOBS.put(Samples.digest(i), Samples.blob(i)));
    }
    index.apply(changes);
    assertThat(Samples.tags(index, ZONE, REPOSITORY))
        .hasSize(3000)
        .isSorted()
        .doesNotHaveDuplicates();
    Map<Digest, BlobRecord> blobs = blobs();
    assertThat(blobs).hasSize(3000);
    assertThat(blobs.get(Samples.digest(2999))).isEqualTo(Samples.blob(2999));
  }

  @Test
  void blobsMayBeWrittenAndDeletedWhileAllAreVisited() {
    List<Change> changes = new ArrayList<>();
    for (int i = 0; i < 2500; i++) {
      changes.add(Tables.BLOBS.put(Samples.digest(i), Samples.blob(i)));
    }
    index.apply(changes);
    List<Digest> visited = new ArrayList<>();
    index.scan(
        Tables.BLOBS,
        (digest, blob) -> {
          visited.add(digest);
          index.apply(List.of(Tables.BLOBS.delete(digest)));
        });
    assertThat(visited).hasSize(2500).doesNotHaveDuplicates();
    assertThat(blobs()).isEmpty();
  }

  @Test
  void aFailingVisitorEndsTheVisitAndTheIndexStaysUsable() {
    index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1))));
    assertThatThrownBy(
            () ->
                index.scan(
                    Tables.BLOBS,
                    (digest, blob) -> {
                      throw new IllegalStateException("visitor");
                    }))
        .hasMessage("visitor");
    assertThat(blobs()).hasSize(1);
  }

  <K, V> Map<K, V> scan(Table<K, V> table) {
    Map<K, V> facts = new HashMap<>();
    index.scan(table, (key, fact) -> assertThat(facts.put(key, fact)).as("visited twice").isNull());
    return facts;
  }

  Map<Digest, BlobRecord> blobs() {
    return scan(Tables.BLOBS);
  }

  @Test
  void repositoriesOfAZoneAreListedOnceAndByPages() {
    List<Change> changes = new ArrayList<>();
    for (String name : List.of("b", "a", "a-b", "a/b", "a.b", "library/nginx", "z")) {
      for (int tag = 0; tag < 3; tag++) {
        changes.add(tag("here.example", name, "t" + tag));
      }
    }
    changes.add(tag("here.exampl", "before", "t"));
    changes.add(tag("here.example.org", "behind", "t"));
    index.apply(changes);
    assertThat(repositories("here.example", "", 100))
        .containsExactly("a", "a-b", "a.b", "a/b", "b", "library/nginx", "z");
    assertThat(repositories("here.example", "", 2)).containsExactly("a", "a-b");
    assertThat(repositories("here.example", "a-b", 2)).containsExactly("a.b", "a/b");
    assertThat(repositories("here.example", "aa", 1)).as("not there itself").containsExactly("b");
    assertThat(repositories("here.example", "z", 5)).isEmpty();
    assertThat(repositories("here.example", "", 0)).isEmpty();
    assertThat(repositories("here.example.org", "", 5)).containsExactly("behind");
    assertThat(repositories("elsewhere.example", "", 5)).isEmpty();
  }

  private static Change tag(String zone, String repository, String tag) {
    return Tables.TAGS.put(
        new InRepository<>(new ZoneName(zone), new RepositoryName(repository), new Tag(tag)),
        Samples.tag(1));
  }

  private List<String> repositories(String zone, String after, int most) {
    return index
        .repositories(
            Tables.TAGS,
            new ZoneName(zone),
            Optional.of(after).filter(name -> !name.isEmpty()).map(RepositoryName::new),
            most)
        .stream()
        .map(RepositoryName::value)
        .toList();
  }
}
