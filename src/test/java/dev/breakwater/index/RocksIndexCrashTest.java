package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("slow")
class RocksIndexCrashTest {
  @TempDir private Path data;

  @Test
  void killedInTheMiddleOfWritingItHoldsEveryAcknowledgedBatchAndNoHalfOne() throws Exception {
    Path directory = data.resolve("index");
    for (int batches : new int[] {1, 500, 3000}) {
      int acknowledged = writeAndKill(directory, batches);
      try (RocksIndex index = RocksIndex.open(directory).index()) {
        int last =
            (int)
                index
                    .get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))
                    .orElseThrow()
                    .size();
        assertThat(last).isGreaterThanOrEqualTo(acknowledged);
        for (int i = 0; i <= last; i++) {
          assertThat(WritingProcess.factsOf(index, i)).as("facts of batch %d", i).isEqualTo(4);
        }
        for (int i = last + 1; i < last + 10; i++) {
          assertThat(WritingProcess.factsOf(index, i)).as("facts of batch %d", i).isZero();
        }
        assertThat(Samples.tags(index, ZONE, REPOSITORY)).hasSize(last + 2);
      }
    }
    assertThat(siblings()).containsExactly("index");
  }

  /** Lets another process write at least so many batches; the last one it printed. */
  private static int writeAndKill(Path directory, int batches) throws Exception {
    try (ChildJvm writer = ChildJvm.run(WritingProcess.class, directory)) {
      int last = -1;
      for (int i = 0; i < batches; i++) {
        last = Integer.parseInt(writer.line());
      }
      writer.kill();
      // The last line may have been cut in the middle: only those before it count.
      List<String> rest = writer.remainingLines();
      return rest.size() < 2 ? last : Integer.parseInt(rest.get(rest.size() - 2));
    }
  }

  @Test
  void whatAnotherProcessHoldsIsRefusedAndLeftAlone() throws Exception {
    Path directory = data.resolve("index");
    try (ChildJvm writer = ChildJvm.run(WritingProcess.class, directory)) {
      assertThat(writer.line()).isEqualTo("0");
      for (int i = 0; i < 5; i++) {
        assertThatThrownBy(() -> RocksIndex.open(directory))
            .isInstanceOf(IndexException.class)
            .hasMessageContaining(directory.toString())
            .hasMessageContaining("in use by another process");
      }
      assertThat(siblings()).containsExactly("index");
      assertThat(writer.line()).as("goes on writing").isEqualTo("1");
    }
  }

  @Test
  void whatThisProcessHoldsIsRefusedToo() throws Exception {
    Path directory = data.resolve("index");
    try (RocksIndex index = RocksIndex.open(directory).index()) {
      assertThatThrownBy(() -> RocksIndex.open(directory))
          .isInstanceOf(IndexException.class)
          .hasMessageContaining("in use");
      index.apply(WritingProcess.batch(0));
      assertThat(WritingProcess.factsOf(index, 0)).isEqualTo(4);
    }
    assertThat(siblings()).containsExactly("index");
  }

  private List<String> siblings() throws Exception {
    try (var files = Files.list(data)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
