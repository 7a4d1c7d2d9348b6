package dev.breakwater.config;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** The configuration that counts, with the source of each value. */
public final class EffectiveConfig {
  private final Config config;
  private final Map<KeyPath, Setting> settings;
  private final List<String> warnings;

  EffectiveConfig(Config config, Map<KeyPath, Setting> settings, List<String> warnings) {
    this.config = config;
    this.settings = settings;
    this.warnings = List.copyOf(warnings);
  }

  /** The configuration. */
  public Config config() {
    return config;
  }

  /** One line for each thing that was ignored. */
  public List<String> warnings() {
    return warnings;
  }

  /**
   * A configuration file that says the same, each line with a comment that names the source of its
   * value. Secrets are redacted.
   */
  public String toYaml() {
    StringBuilder yaml = new StringBuilder();
    KeyPath previous = KeyPath.ROOT;
    for (Map.Entry<KeyPath, Setting> entry : settings.entrySet()) {
      KeyPath path = entry.getKey();
      int shared = sharedLength(previous, path);
      boolean itemOpened = false;
      for (int i = shared; i < path.length() - 1; i++) {
        itemOpened = open(yaml, path, i, itemOpened);
      }
      indent(yaml, path.length() - 1, itemOpened)
          .append(quoted(path.last()))
          .append(": ")
          .append(value(entry.getValue()))
          .append("  # ")
          .append(entry.getValue().origin().label())
          .append('\n');
      previous = path;
    }
    return yaml.toString();
  }

  /** Writes the line of a map or the dash of an item; true when a dash waits for its first key. */
  private static boolean open(StringBuilder yaml, KeyPath path, int depth, boolean itemOpened) {
    String segment = path.segments().get(depth);
    if (KeyPath.isItem(segment)) {
      indent(yaml, depth, itemOpened).append("- ");
      return true;
    }
    indent(yaml, depth, itemOpened).append(quoted(segment)).append(":\n");
    return false;
  }

  private static StringBuilder indent(StringBuilder yaml, int depth, boolean itemOpened) {
    return itemOpened ? yaml : yaml.append("  ".repeat(depth));
  }

  private static int sharedLength(KeyPath one, KeyPath other) {
    int length = 0;
    while (length < Math.min(one.length(), other.length()) - 1
        && one.segments().get(length).equals(other.segments().get(length))) {
      length++;
    }
    return length;
  }

  private static String value(Setting setting) {
    return switch (setting.key().shape()) {
      case SECRET -> quoted(Secret.REDACTED);
      case ONE -> quoted(withoutLogin(setting.values().getFirst()));
      case WORD_OR_LIST ->
          setting.values().size() == 1
                  && setting.key().words().contains(setting.values().getFirst())
              ? quoted(setting.values().getFirst())
              : list(setting);
      case LIST -> list(setting);
    };
  }

  private static String list(Setting setting) {
    return setting.values().stream()
        .map(EffectiveConfig::withoutLogin)
        .map(EffectiveConfig::quoted)
        .collect(Collectors.joining(", ", "[", "]"));
  }

  /** A URL with its user name and password redacted; other text as it is. */
  private static String withoutLogin(String text) {
    return text.replaceFirst("^([a-z]+://)[^/]*@", "$1" + Secret.REDACTED + "@");
  }

  /** As it is when no reader could take it for anything but text, else in double quotes. */
  private static String quoted(String text) {
    boolean plain = text.matches("[A-Za-z0-9/][A-Za-z0-9/.:%_+-]*[A-Za-z0-9/%]|[A-Za-z0-9]");
    return plain && !text.equals("null") ? text : doubleQuoted(text);
  }

  private static String doubleQuoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.chars()
        .forEach(
            c -> {
              if (Character.isISOControl(c)) {
                quoted.append(String.format("\\x%02x", c));
              } else {
                quoted.append(c == '"' || c == '\\' ? "\\" : "").append((char) c);
              }
            });
    return quoted.append('"').toString();
  }
}
