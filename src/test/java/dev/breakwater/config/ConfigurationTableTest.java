package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * The README's table of keys is the one of {@link ConfigKeys}. {@code mvn -q test
 * -Dtest=ConfigurationTableTest -Dformat=apply} writes it.
 */
class ConfigurationTableTest {
  private static final Path README = Path.of("README.md");
  private static final String BEGIN = "<!-- config:begin -->\n";
  private static final String END = "<!-- config:end -->";
  private static final String HEADER =
      """
      | key | what to write | default | environment | meaning |
      |---|---|---|---|---|
      """;

  @Test
  void readmeHoldsTheTableOfKeys() throws Exception {
    String readme = Files.readString(README);
    int begin = readme.indexOf(BEGIN);
    int end = readme.indexOf(END);
    assertThat(begin).as("README.md has the marks " + BEGIN.strip() + " " + END).isNotNegative();
    assertThat(end).isGreaterThan(begin);

    String wanted = readme.substring(0, begin) + BEGIN + table() + readme.substring(end);
    if ("apply".equals(System.getProperty("format"))) {
      Files.writeString(README, wanted);
    } else {
      assertThat(readme)
          .as("mvn -q test -Dtest=ConfigurationTableTest -Dformat=apply  writes:\n%s", table())
          .isEqualTo(wanted);
    }
  }

  private static String table() {
    return ConfigKeys.ALL.stream()
        .map(ConfigurationTableTest::row)
        .collect(Collectors.joining("\n", HEADER, "\n"));
  }

  private static String row(ConfigKey<?> key) {
    return "| `%s` | %s | %s | `%s` | %s |"
        .formatted(
            key.displayName(),
            key.type().replace("|", "\\|"),
            key.defaults().isPresent() ? "`" + key.defaultText() + "`" : "none",
            key.environmentName(),
            key.description());
  }
}
