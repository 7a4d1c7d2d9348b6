package dev.breakwater;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.googlejavaformat.java.Formatter;
import com.google.googlejavaformat.java.FormatterException;
import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
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

  /** Digests of texts that this formatter left as they were, so that they are not read again. */
  private static final Path KNOWN = Path.of("target", "formatted-sources");

  /** The file that the formatter comes from, whose name has its version. */
  private static final String FORMATTER =
      Path.of(Formatter.class.getProtectionDomain().getCodeSource().getLocation().getPath())
          .getFileName()
          .toString();

  private static final Set<String> known = ConcurrentHashMap.newKeySet();

  @Test
  void everySourceIsFormatted() throws Exception {
    if (Files.exists(KNOWN)) {
      known.addAll(Files.readAllLines(KNOWN));
    }
    List<Path> sources;
    try (var files = Files.walk(Path.of("src"))) {
      sources = files.filter(file -> file.toString().endsWith(".java")).toList();
    }
    // In parallel: one after the other they take longer than any other test.
    List<Path> unformatted =
        sources.parallelStream().filter(CodeFormatTest::isUnformatted).toList();
    Files.createDirectories(KNOWN.getParent());
    Files.write(KNOWN, known);
    assertThat(unformatted)
        .as("mvn -q test -Dtest=CodeFormatTest -Dformat=apply  formats them")
        .isEmpty();
  }

  private static boolean isUnformatted(Path file) {
    try {
      String text = Files.readString(file);
      String digest = FORMATTER + " " + Digest.ofSha256(text.getBytes(UTF_8));
      if (known.contains(digest)) {
        return false;
      }
      String formatted = new Formatter().formatSourceAndFixImports(text);
      if (APPLY && !formatted.equals(text)) {
        Files.writeString(file, formatted);
        return false;
      }
      boolean isFormatted = formatted.equals(text);
      if (isFormatted) {
        known.add(digest);
      }
      return !isFormatted;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (FormatterException e) {
      throw new AssertionError(file + " cannot be read", e);
    }
  }
}
