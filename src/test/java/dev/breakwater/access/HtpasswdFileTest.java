package dev.breakwater.access;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.testing.CapturedLog;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtpasswdFileTest {
  @TempDir private Path directory;
  private Path file;

  @BeforeEach
  void write() throws IOException {
    file = directory.resolve("htpasswd");
    Files.writeString(file, Hashes.line("alice", "a"));
  }

  @Test
  void aChangeReplacesWhatWasThere() throws Exception {
    HtpasswdFile watched = HtpasswdFile.open(file);
    Files.writeString(file, Hashes.line("bob", "b"));

    watched.look();

    assertThat(watched.users().hashes()).containsOnlyKeys("bob");
  }

  @Test
  void aChangeThatLeavesTimeAndSizeIsSeen() throws Exception {
    HtpasswdFile watched = HtpasswdFile.open(file);
    FileTime time = Files.getLastModifiedTime(file);
    Files.writeString(file, Hashes.line("eliza", "b"));
    Files.setLastModifiedTime(file, time);

    watched.look();

    assertThat(watched.users().hashes()).containsOnlyKeys("eliza");
  }

  @Test
  void aSymlinkThatLeadsElsewhereIsSeen() throws Exception {
    Path link = Files.createSymbolicLink(directory.resolve("link"), file);
    HtpasswdFile watched = HtpasswdFile.open(link);
    Path other = Files.writeString(directory.resolve("other"), Hashes.line("bob", "b"));
    Path swapped = Files.createSymbolicLink(directory.resolve("link.new"), other);
    Files.move(swapped, link, java.nio.file.StandardCopyOption.ATOMIC_MOVE);

    watched.look();

    assertThat(watched.users().hashes()).containsOnlyKeys("bob");
  }

  @Test
  void aFileThatIsGoneLeavesTheUsersAndIsToldOnce() throws Exception {
    HtpasswdFile watched = HtpasswdFile.open(file);
    String content = Files.readString(file);
    try (CapturedLog log = CapturedLog.of(HtpasswdFile.class)) {
      Files.delete(file);
      watched.look();
      watched.look();
      assertThat(watched.users().hashes()).containsOnlyKeys("alice");
      Files.writeString(file, content);
      watched.look();

      assertThat(log.lines())
          .containsExactly(
              "WARN the file " + file + " does not exist: logins go on with what was read before",
              "INFO the file " + file + " can be read again; it has not changed");
    }
  }

  @Test
  void linesThatAreSkippedAreToldAtEachReadingWithoutTheirHash() throws Exception {
    Files.writeString(file, "bob:canary\n", java.nio.file.StandardOpenOption.APPEND);
    try (CapturedLog log = CapturedLog.of(HtpasswdFile.class)) {
      HtpasswdFile.open(file);

      assertThat(log.lines()).hasSize(1);
      assertThat(log.lines().getFirst())
          .startsWith("WARN " + file + ", line 2: the hash of \"bob\" is not bcrypt")
          .doesNotContain("canary");
    }
  }

  @Test
  void aFileThatCannotBeReadIsRefusedAtTheStart() throws Exception {
    Path absent = directory.resolve("absent");
    Path large = Files.write(directory.resolve("large"), new byte[Htpasswd.MAX_BYTES + 1]);

    assertThatThrownBy(() -> HtpasswdFile.open(absent)).hasMessageContaining("does not exist");
    assertThatThrownBy(() -> HtpasswdFile.open(directory)).hasMessageContaining("is not a file");
    assertThatThrownBy(() -> HtpasswdFile.open(large)).hasMessageContaining("larger than 1 MiB");
  }
}
