package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksIndexTest extends IndexContractTest {
  @TempDir private Path data;

  @Override
  Index open() {
    return RocksIndex.open(data.resolve("index")).index();
  }

  @Test
  void everythingSurvivesClosingAndOpening() {
    Path directory = data.resolve("other");
    Digest manifest = Samples.manifest(1).digest();
    for (int round = 0; round < 3; round++) {
      try (RocksIndex index = RocksIndex.open(directory).index()) {
        if (round == 0) {
          index.apply(
              List.of(
                  Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(1)),
                  Tables.MANIFESTS.put(
                      new InRepository<>(ZONE, REPOSITORY, Samples.manifest(1).digest()),
                      Samples.manifest(1)),
                  Tables.LINKS.put(new InRepository<>(ZONE, REPOSITORY, manifest), Samples.link(1)),
                  Tables.BLOBS.put(manifest, Samples.blob(1)),
                  Tables.REFERRERS.put(
                      new InRepository<>(ZONE, REPOSITORY, new Subject(manifest, "sbom")),
                      Samples.referrers(1))));
        }
        assertThat(index.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST)))
            .contains(Samples.tag(1));
        assertThat(Samples.tags(index, ZONE, REPOSITORY)).containsExactly(LATEST);
        assertThat(
                index
                    .get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, manifest))
                    .orElseThrow()
                    .bytes())
            .isEqualTo(Samples.manifest(1).bytes());
        assertThat(index.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, manifest)))
            .contains(Samples.link(1));
        assertThat(index.get(Tables.BLOBS, manifest)).contains(Samples.blob(1));
        assertThat(
                index
                    .get(
                        Tables.REFERRERS,
                        new InRepository<>(ZONE, REPOSITORY, new Subject(manifest, "sbom")))
                    .orElseThrow())
            .usingRecursiveComparison()
            .isEqualTo(Samples.referrers(1));
        assertThat(index.writable()).isTrue();
      }
    }
  }

  @Test
  void itIsFreshUntilItWasRebuiltOnce() {
    Path directory = data.resolve("other");
    try (RocksIndex index = opened(directory, true)) {
      index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1))));
    }
    try (RocksIndex index = opened(directory, true)) {
      assertThat(index.get(Tables.BLOBS, Samples.digest(1))).isPresent();
      index.rebuilt();
    }
    opened(directory, false).close();
  }

  private static RocksIndex opened(Path directory, boolean fresh) {
    OpenedIndex opened = RocksIndex.open(directory);
    assertThat(opened.fresh()).isEqualTo(fresh);
    return opened.index();
  }
}
