package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

class DataDirectoryWatchTest {
  @TempDir Path directory;
  private final Logger logger = (Logger) LoggerFactory.getLogger(DataDirectoryWatch.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private @Nullable IOException refusal;
  private final DataDirectoryWatch watch = new DataDirectoryWatch(Path.of("/data"), this::write);

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private void write() throws IOException {
    IOException now = refusal;
    if (now != null) {
      throw now;
    }
  }

  @Test
  void eachChangeOfStateIsLoggedOnce() {
    watch.probe();
    assertThat(watch.isWritable()).isTrue();
    refusal = new FileSystemException("/data/write-check", null, "Read-only file system");
    watch.probe();
    watch.probe();
    assertThat(watch.isWritable()).isFalse();
    assertThat(watch.degradation().orElseThrow()).contains("read-only file system");
    refusal = null;
    watch.probe();
    watch.probe();
    assertThat(watch.degradation()).isEmpty();
    assertThat(messages())
        .satisfiesExactly(
            line ->
                assertThat(line).contains("/data", "read-only file system", "mount it read-write"),
            line -> assertThat(line).contains("/data", "again"));
  }

  @Test
  void lostPermissionCountsAndAFullDiskDoesNot() {
    refusal = new AccessDeniedException("/data/write-check");
    watch.probe();
    assertThat(watch.degradation().orElseThrow()).contains("permission denied");
    refusal = new FileSystemException("/data/write-check", null, "No space left on device");
    watch.probe();
    assertThat(watch.isWritable()).isTrue();
  }

  @Test
  void probesTheDirectoryAndLeavesNothingBehind() throws IOException {
    Path file = directory.resolve("write-check");
    Files.createFile(file);
    DataDirectoryWatch real = DataDirectoryWatch.of(directory, file);
    real.probe();
    assertThat(real.isWritable()).isTrue();
    assertThat(file).doesNotExist();
    DataDirectoryWatch gone = DataDirectoryWatch.of(directory, directory.resolve("no/file"));
    gone.probe();
    assertThat(gone.degradation()).isNotEqualTo(Optional.empty());
  }

  private List<String> messages() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
