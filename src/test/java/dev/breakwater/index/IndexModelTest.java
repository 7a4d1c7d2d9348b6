package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** RocksDB and the memory twin give the same answers, whatever was written. */
class IndexModelTest {
  @Property(tries = 30)
  void anyChangesGiveTheAnswersOfTheMemoryTwin(
      @ForAll("histories") List<List<Change>> history, @ForAll boolean reopen) throws Exception {
    Path directory = Files.createTempDirectory("index-model");
    MemoryIndex model = new MemoryIndex();
    RocksIndex index = RocksIndex.open(directory.resolve("index")).index();
    try {
      for (List<Change> batch : history) {
        model.apply(batch);
        index.apply(batch);
        if (reopen) {
          index.close();
          index = RocksIndex.open(directory.resolve("index")).index();
        }
      }
      for (Samples.Kind<?, ?> kind : Samples.KINDS) {
        assertSameAnswers(kind, index, model);
      }
      assertThat(joined(index)).isEqualTo(joined(model));
      assertThat(ofRepositories(index)).isEqualTo(ofRepositories(model));
    } finally {
      index.close();
      TestTrees.delete(directory);
    }
  }

  private static <K, V> void assertSameAnswers(Samples.Kind<K, V> kind, Index index, Index model) {
    for (K key : kind.keys()) {
      assertThat(index.get(kind.table(), key))
          .as("%s %s", kind, key)
          .usingRecursiveComparison()
          .isEqualTo(model.get(kind.table(), key));
    }
    List<K> keys = new ArrayList<>();
    List<V> facts = new ArrayList<>();
    index.scan(
        kind.table(),
        (key, fact) -> {
          keys.add(key);
          facts.add(fact);
        });
    List<K> modelKeys = new ArrayList<>();
    List<V> modelFacts = new ArrayList<>();
    model.scan(
        kind.table(),
        (key, fact) -> {
          modelKeys.add(key);
          modelFacts.add(fact);
        });
    assertThat(keys).as("%s", kind).isEqualTo(modelKeys);
    assertThat(facts).as("%s", kind).usingRecursiveComparison().isEqualTo(modelFacts);
  }

  private static List<String> joined(Index index) {
    List<String> all = new ArrayList<>();
    index.join(
        Tables.BLOBS,
        Tables.BLOB_USAGE,
        (digest, blob, usage) -> all.add(digest + " " + blob + " " + usage));
    index.join(
        Tables.MANIFESTS,
        Tables.MANIFEST_USAGE,
        (key, manifest, usage) -> all.add(key + " " + manifest + " " + usage));
    return all;
  }

  private static List<String> ofRepositories(Index index) {
    List<String> all = new ArrayList<>();
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        all.add(zone + " " + repository);
        index.scan(Tables.TAGS, zone, repository, (key, tag) -> all.add(key + " " + tag));
        index.scan(Tables.LINKS, zone, repository, (key, link) -> all.add(key + " " + link));
        index.scan(Tables.REFERRERS, zone, repository, (key, listing) -> all.add(key.toString()));
      }
    }
    return all;
  }

  @Provide
  Arbitrary<List<List<Change>>> histories() {
    Arbitrary<Change> changes =
        Arbitraries.of(Samples.KINDS)
            .flatMap(
                kind ->
                    Combinators.combine(
                            Arbitraries.integers().between(0, kind.keys().size() - 1),
                            Arbitraries.integers().between(0, 1000),
                            Arbitraries.of(true, false))
                        .as(
                            (key, number, isPut) ->
                                isPut ? kind.put(key, number) : kind.delete(key)));
    return changes.list().ofMinSize(1).ofMaxSize(12).list().ofMaxSize(10);
  }
}
