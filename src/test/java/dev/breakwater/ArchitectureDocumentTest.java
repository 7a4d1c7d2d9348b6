package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** ARCHITECTURE.md names the code as it is. */
class ArchitectureDocumentTest {
  private static final Path DOCUMENT = Path.of("ARCHITECTURE.md");

  /** Words that look like a class name in the text and are none. */
  private static final Set<String> WORDS = Set.of("Authorization");

  private static final Pattern CLASS =
      Pattern.compile("`([A-Z][a-z]+(?:[A-Z][A-Za-z]*)?)(?:\\.\\w+)?`");
  private static final Pattern IN_A_BLOCK = Pattern.compile("(?m)^ *([A-Z][A-Za-z]+)  ");
  private static final Pattern LINK = Pattern.compile("\\]\\(([^)#]+)[^)]*\\)");

  private static Set<String> sources() throws IOException {
    Set<String> names = new HashSet<>();
    for (String root : List.of("src/main/java", "src/test/java")) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        files
            .map(file -> file.getFileName().toString())
            .filter(name -> name.endsWith(".java"))
            .forEach(name -> names.add(name.substring(0, name.length() - ".java".length())));
      }
    }
    return names;
  }

  private static List<String> matches(Pattern pattern) throws IOException {
    return pattern
        .matcher(Files.readString(DOCUMENT))
        .results()
        .map((MatchResult match) -> match.group(1))
        .filter(word -> !WORDS.contains(word))
        .toList();
  }

  @Test
  void everyClassThatItNamesExists() throws IOException {
    Set<String> sources = sources();
    assertThat(matches(CLASS)).hasSizeGreaterThan(50).allMatch(sources::contains);
    assertThat(matches(IN_A_BLOCK)).hasSizeGreaterThan(15).allMatch(sources::contains);
  }

  @Test
  void everyDocumentThatItNamesExists() throws IOException {
    assertThat(matches(LINK)).isNotEmpty().allMatch(name -> Files.exists(Path.of(name)));
  }
}
