package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class DiskReasonTest {
  static Stream<Arguments> failures() {
    return Stream.of(
        Arguments.of(new AccessDeniedException("/data/x"), "permission denied"),
        Arguments.of(new NoSuchFileException("/data/x"), "no such file or directory"),
        Arguments.of(
            new FileSystemException("/data/x", null, "Read-only file system"),
            "read-only file system"),
        Arguments.of(
            new FileSystemException("/data/x", null, "No space left on device"),
            "No space left on device"),
        Arguments.of(new IOException(), "input/output error"),
        Arguments.of(
            new IllegalStateException(
                new UncheckedIOException(new IOException("Input/output error"))),
            "Input/output error"),
        Arguments.of(new IllegalStateException("two\nlines"), "two\\u000alines"),
        Arguments.of(new IllegalStateException(), "unknown cause (IllegalStateException)"));
  }

  @ParameterizedTest
  @MethodSource("failures")
  void failuresAreToldWithoutTheClassesOfJava(Throwable failure, String words) {
    assertThat(DiskReason.of(failure)).isEqualTo(words);
  }
}
