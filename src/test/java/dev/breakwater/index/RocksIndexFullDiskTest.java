package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RocksIndexFullDiskTest {
  @TempDir private Path data;

  @Test
  void whileNothingCanBeWrittenItReadsOnAndWritesAgainAfterwards() throws Exception {
    try (ChildJvm process = ChildJvm.run(FullDiskProcess.class, data.resolve("index"))) {
      List<String> output = process.remainingLines();
      assertThat(process.exitCode()).as(() -> String.join("\n", output)).isZero();
    }
    try (var files = Files.list(data)) {
      assertThat(files.map(file -> file.getFileName().toString()))
          .as("a full disk costs no index")
          .contains("index", "other")
          .noneMatch(name -> name.startsWith("index."));
    }
  }
}
