package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the gauges are fed with. */
class RocksIndexNumbersTest {
  @TempDir Path data;

  @Test
  void itTellsHowMuchItHolds() {
    try (RocksIndex index = RocksIndex.open(data.resolve("index")).index()) {
      assertThat(index.estimatedBlobs()).isZero();
      index.apply(List.of(new IndexChange.PutBlob(Samples.digest(1), Samples.blob(1))));
      index.apply(List.of(new IndexChange.PutBlob(Samples.digest(2), Samples.blob(2))));
      assertThat(index.estimatedBlobs()).isEqualTo(2);
      assertThat(index.estimatedManifests()).isZero();
      assertThat(index.memoryBytes()).isPositive();
    }
  }

  @Test
  void aClosedIndexFailsNoScrape() {
    RocksIndex index = RocksIndex.open(data.resolve("index")).index();
    index.close();
    assertThat(index.estimatedBlobs()).isZero();
    assertThat(index.tableBytes()).isZero();
  }
}
