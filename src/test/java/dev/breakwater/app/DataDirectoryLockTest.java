package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.config.ListenAddress;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DataDirectoryLockTest {
  @TempDir Path parent;

  @Test
  void missingDirectoryIsMadeForTheOwnerOnly() throws Exception {
    Path directory = parent.resolve("a/b");
    try (DataDirectoryLock lock = DataDirectoryLock.acquire(directory)) {
      assertThat(lock).isNotNull();
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
          .isEqualTo("rwx------");
      assertThat(Files.readString(directory.resolve("lock")))
          .isEqualTo(ProcessHandle.current().pid() + "\n");
    }
  }

  @Test
  void secondComerOfTheSameProcessIsRefused() throws Exception {
    try (DataDirectoryLock lock = DataDirectoryLock.acquire(parent)) {
      assertThat(lock).isNotNull();
      assertThatThrownBy(() -> DataDirectoryLock.acquire(parent))
          .isInstanceOf(StartupException.class)
          .hasMessage(inUseBy(ProcessHandle.current().pid()));
    }
  }

  @Test
  void lockOfAnotherProcessIsRespectedUntilThatEnds() throws Exception {
    Process holder =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Holder.class.getName(),
                parent.toString())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    try (BufferedReader output = holder.inputReader()) {
      assertThat(output.readLine()).isEqualTo("locked");
      assertThatThrownBy(() -> DataDirectoryLock.acquire(parent))
          .isInstanceOf(StartupException.class)
          .hasMessage(inUseBy(holder.pid()));
    } finally {
      holder.destroyForcibly().waitFor();
    }
    DataDirectoryLock.acquire(parent).close();
  }

  @Test
  void whoWasKilledIsKnownToTheNextUntilThatIsNoted() throws Exception {
    try (DataDirectoryLock first = DataDirectoryLock.acquire(parent)) {
      assertThat(first.isAfterCrash()).as("first use").isFalse();
    }
    try (DataDirectoryLock second = DataDirectoryLock.acquire(parent)) {
      assertThat(second.isAfterCrash()).as("after an orderly end").isFalse();
    }
    Files.writeString(parent.resolve("lock"), "4711\n");
    try (DataDirectoryLock third = DataDirectoryLock.acquire(parent)) {
      assertThat(third.isAfterCrash()).as("after a kill").isTrue();
    }
    try (DataDirectoryLock fourth = DataDirectoryLock.acquire(parent)) {
      assertThat(fourth.isAfterCrash()).as("the stop was not noted").isTrue();
      fourth.settled();
    }
    try (DataDirectoryLock fifth = DataDirectoryLock.acquire(parent)) {
      assertThat(fifth.isAfterCrash()).as("noted").isFalse();
    }
  }

  @Test
  void adminAddressIsTheServersOwnNote() throws Exception {
    assertThat(DataDirectoryLock.adminAddress(parent)).as("no file").isEmpty();
    try (DataDirectoryLock first = DataDirectoryLock.acquire(parent)) {
      assertThat(DataDirectoryLock.adminAddress(parent)).as("starting").isEmpty();
      first.answersAt(ListenAddress.parse("[::1]:6001"), Optional.empty());
      assertThat(DataDirectoryLock.adminAddress(parent)).contains(new ListenAddress("::1", 6001));
      assertThatThrownBy(() -> DataDirectoryLock.acquire(parent))
          .hasMessage(inUseBy(ProcessHandle.current().pid()));
    }
    assertThat(DataDirectoryLock.adminAddress(parent)).as("after the end").isEmpty();
  }

  @Test
  void tokenForCommandsOfThisMachineIsForTheOwnerOnly() throws Exception {
    Path file = parent.resolve("lock");
    Files.writeString(file, "");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    try (DataDirectoryLock first = DataDirectoryLock.acquire(parent)) {
      assertThat(DataDirectoryLock.adminToken(parent)).as("starting").isEmpty();
      first.answersAt(ListenAddress.parse("[::1]:6001"), Optional.of("f00d"));
      assertThat(DataDirectoryLock.adminToken(parent)).contains("f00d");
      assertThat(DataDirectoryLock.adminAddress(parent)).contains(new ListenAddress("::1", 6001));
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
          .isEqualTo("rw-------");
      assertThatThrownBy(() -> DataDirectoryLock.acquire(parent))
          .hasMessage(inUseBy(ProcessHandle.current().pid()));
    }
    assertThat(DataDirectoryLock.adminToken(parent)).as("after the end").isEmpty();
    assertThat(Files.readString(file)).isEmpty();
  }

  @Test
  void noteOfAServerThatWasKilledIsNotThatOfTheNext() throws Exception {
    Files.writeString(parent.resolve("lock"), "4711\nadmin 127.0.0.1:6001\n");
    try (DataDirectoryLock next = DataDirectoryLock.acquire(parent)) {
      assertThat(next.isAfterCrash()).isTrue();
      assertThat(DataDirectoryLock.adminAddress(parent)).isEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "4711\n", "4711\nadmin nowhere\n", "admin 127.0.0.1:1\n", "\u0000"})
  void lockFileWithoutAnAddressTellsNone(String text) throws Exception {
    Files.writeString(parent.resolve("lock"), text);
    assertThat(DataDirectoryLock.adminAddress(parent)).isEmpty();
  }

  @Test
  void closedLockLetsTheNextIn() throws Exception {
    DataDirectoryLock first = DataDirectoryLock.acquire(parent);
    first.close();
    first.close();
    DataDirectoryLock.acquire(parent).close();
  }

  @Test
  void fileInThePlaceOfTheDirectoryIsNamed() throws Exception {
    Path file = Files.createFile(parent.resolve("file"));
    assertThatThrownBy(() -> DataDirectoryLock.acquire(file))
        .hasMessage("data directory " + file + " is not a directory; give another one with --data");
    assertThatThrownBy(() -> DataDirectoryLock.acquire(file.resolve("below")))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("data directory " + file + "/below cannot be created: ")
        .hasMessageEndingWith("; give another one with --data");
  }

  @Test
  void unwritableDirectoryIsNamed() throws Exception {
    // A directory in the place of the lock file cannot be opened for writing, not even by root.
    Files.createDirectory(parent.resolve("lock"));
    assertThatThrownBy(() -> DataDirectoryLock.acquire(parent))
        .isInstanceOf(StartupException.class)
        .hasMessageStartingWith("data directory " + parent + " cannot be written to: ");
  }

  private String inUseBy(long pid) {
    return "data directory "
        + parent
        + " is in use by process "
        + pid
        + "; stop it or give another one with --data";
  }

  /** A process of its own that takes the lock and waits to be killed. */
  static final class Holder {
    private Holder() {}

    public static void main(String[] args) throws Exception {
      try (DataDirectoryLock lock = DataDirectoryLock.acquire(Path.of(args[0]))) {
        System.out.println(lock == null ? "" : "locked");
        System.in.read();
      }
    }
  }
}
