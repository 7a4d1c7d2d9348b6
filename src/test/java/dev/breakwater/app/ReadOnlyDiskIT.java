package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.e2e.Command;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a file system that is mounted read-only. */
@Tag("peers")
class ReadOnlyDiskIT {
  @TempDir Path parent;
  private Path disk;

  @BeforeEach
  void mount() throws Exception {
    disk = Files.createDirectory(parent.resolve("disk"));
    Command.of("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", disk).run();
  }

  @AfterEach
  void unmount() {
    Command.of("umount", disk).run();
  }

  private void remount(String mode) {
    Command.of("mount", "-o", "remount," + mode, disk).run();
  }

  @Test
  void directoryThatCannotBeMadeIsOnAReadOnlyFileSystem() {
    remount("ro");
    assertRefused(disk.resolve("data"), "cannot be created");
  }

  @Test
  void directoryWithoutACacheIsOnAReadOnlyFileSystem() {
    remount("ro");
    assertRefused(disk, "cannot be written to");
  }

  private static void assertRefused(Path data, String problem) {
    assertThatThrownBy(() -> DataDirectoryLock.acquire(data))
        .isInstanceOf(StartupException.class)
        .hasMessage(
            "data directory "
                + data
                + " "
                + problem
                + ": read-only file system; mount it read-write or give another one with --data");
  }

  @Test
  void directoryWithACacheIsTakenAndWatched() throws Exception {
    DataDirectoryLock.acquire(disk).close();
    DataDirectoryWatch watch = DataDirectoryWatch.of(disk, disk.resolve("write-check"));
    watch.probe();
    assertThat(watch.isWritable()).isTrue();
    remount("ro");
    DataDirectoryLock.acquire(disk).close();
    watch.probe();
    assertThat(watch.degradation().orElseThrow()).contains("read-only file system");
    remount("rw");
    watch.probe();
    assertThat(watch.isWritable()).isTrue();
  }
}
