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
      assertThat(index.estimatedSize(Tables.BLOBS)).isZero();
      index.apply(List.of(Tables.BLOBS.put(Samples.digest(1), Samples.blob(1))));
      index.apply(List.of(Tables.BLOBS.put(Samples.digest(2), Samples.blob(2))));
      assertThat(index.estimatedSize(Tables.BLOBS)).isEqualTo(2);
      assertThat(index.estimatedSize(Tables.MANIFESTS)).isZero();
      assertThat(index.memoryBytes()).isPositive();
    }
  }

  @Test
  void aClosedIndexFailsNoScrape() {
    RocksIndex index = RocksIndex.open(data.resolve("index")).index();
    index.close();
    assertThat(index.estimatedSize(Tables.BLOBS)).isZero();
    assertThat(index.tableBytes()).isZero();
  }
}
