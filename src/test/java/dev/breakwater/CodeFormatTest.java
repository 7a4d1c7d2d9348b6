package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * Every Java source is laid out by google-java-format. It stands here and not in Spotless because
 * the formatter reads Java 25 only on a Java 25 runtime, and Maven itself may run on an older one.
 *
 * <p>{@code mvn -q test -Dtest=CodeFormatTest -Dformat=apply} formats the tree instead of
 * complaining.
 */
class CodeFormatTest {
  private static final boolean APPLY = "apply".equals(System.getProperty("format"));

  @Test
  void everySourceIsFormatted() throws Exception {
    List<Path> sources;
    try (var files = Files.walk(Path.of("src"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    // In parallel: one after the other they take longer than any other test.
    List<Path> unformatted =
        sources.parallelStream().filter(CodeFormatTest::isUnformatted).toList();
    assertThat(unformatted)
        .as("mvn -q test -Dtest=CodeFormatTest -Dformat=apply  formats them")
        .isEmpty();
  }

  private static boolean isUnformatted(Path file) {
    try {
      String text = Files.readString(file);
      String formatted = new Formatter().formatSourceAndFixImports(text);
      if (APPLY && !formatted.equals(text)) {
        Files.writeString(file, formatted);
        return false;
      }
      return !formatted.equals(text);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FormatterException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
