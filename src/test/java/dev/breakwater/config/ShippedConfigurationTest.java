package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** {@code conf/breakwater.yaml} says what the table of keys says. */
class ShippedConfigurationTest {
  private static final Path FILE = Path.of("conf/breakwater.yaml");

  private String text;

  @BeforeEach
  void read() throws Exception {
    text = Files.readString(FILE);
  }

  @Test
  void loadingItGivesExactlyTheDefaults() {
    assertThat(Loading.file(text).config()).isEqualTo(Config.defaults());
  }

  /** A key that is absent by default stands behind a '#' without a space. */
  @Test
  void everyKeyIsThereToBeUncommented() {
    String all = text.replaceAll("(?m)^( *)#(?=[a-z-])", "$1");
    Layer layer = YamlLayer.read(new ConfigFile(FILE.toString(), all), new Problems());

    List<ConfigKey<?>> written = new ArrayList<>();
    layer.settings.values().forEach(setting -> written.add(setting.key()));
    assertThat(written).containsAll(ConfigKeys.ALL);
  }

  @Test
  void everyKeyIsPrecededByItsDefaultAndItsVariable() {
    for (ConfigKey<?> key : ConfigKeys.ALL) {
      String last = key.segments().getLast();
      String comment = commentOf(last.equals("*") ? "\\w+" : last, key.environmentName());
      assertThat(comment).as(key.pattern()).contains("Default: " + key.defaultText());
    }
  }

  /** The comment right above the first line of that key that has the variable in its comment. */
  private String commentOf(String key, String variable) {
    StringBuilder comment = new StringBuilder();
    for (String line : text.split("\n", -1)) {
      String stripped = line.strip();
      if (stripped.matches("#?(- )?" + key + ":.*")
          && comment.toString().matches("(?s).*\\b" + variable + "\\b.*")) {
        return comment.toString();
      }
      if (stripped.startsWith("# ")) {
        comment.append(stripped.substring(2)).append(' ');
      } else {
        comment.setLength(0);
      }
    }
    throw new AssertionError("no comment with " + variable + " right above the key " + key);
  }
}
