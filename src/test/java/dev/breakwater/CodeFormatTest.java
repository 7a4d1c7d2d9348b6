package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
  @Test
  void everySourceIsFormatted() throws Exception {
    boolean apply = "apply".equals(System.getProperty("format"));
    List<Path> unformatted = new ArrayList<>();
    try (var files = Files.walk(Path.of("src"))) {
      for (Path file : files.filter(f -> f.toString().endsWith(".java")).toList()) {
        String text = Files.readString(file);
        String formatted = new Formatter().formatSourceAndFixImports(text);
        if (!formatted.equals(text)) {
          if (apply) {
            Files.writeString(file, formatted);
          } else {
            unformatted.add(file);
          }
        }
      }
    }
    assertThat(unformatted)
        .as("mvn -q test -Dtest=CodeFormatTest -Dformat=apply  formats them")
        .isEmpty();
  }
}
