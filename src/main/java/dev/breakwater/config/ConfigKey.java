package dev.breakwater.config;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * A row of the table of keys: what can be set, how it is written, and what it means.
 *
 * @param pattern the path, with {@code *} for the name of an upstream and {@code []} for a position
 *     in a list: {@code upstreams.*.accounts[].username}
 * @param type what to write, for people
 * @param shape one value, a list, one of some words or a list, or a value that is never shown
 * @param defaults what counts when nothing is configured; {@code NAME} stands for the name of the
 *     upstream; empty for a key that is simply absent then
 * @param description the meaning, one sentence or two
 * @param parser reads the text; throws {@link IllegalArgumentException} with a message that begins
 *     with the quoted text and ends with the remedy
 */
record ConfigKey<T>(
    String pattern,
    String type,
    Shape shape,
    Optional<List<String>> defaults,
    String description,
    Function<List<String>, T> parser) {
  static final String ENVIRONMENT_PREFIX = "BREAKWATER_";

  enum Shape {
    ONE,
    LIST,
    WORD_OR_LIST,
    SECRET
  }

  static <T> ConfigKey<T> of(
      String pattern, String type, String defaultText, String description, Function<String, T> p) {
    return new ConfigKey<>(
        pattern,
        type,
        Shape.ONE,
        Optional.of(List.of(defaultText)),
        description,
        values -> p.apply(values.getFirst()));
  }

  static <T> ConfigKey<T> optional(
      String pattern, String type, String description, Function<String, T> p) {
    return new ConfigKey<>(
        pattern,
        type,
        Shape.ONE,
        Optional.empty(),
        description,
        values -> p.apply(values.getFirst()));
  }

  static ConfigKey<Secret> secret(String pattern, String description) {
    return new ConfigKey<>(
        pattern,
        "text",
        Shape.SECRET,
        Optional.empty(),
        description,
        values -> new Secret(values.getFirst()));
  }

  static <T> ConfigKey<List<T>> list(
      String pattern, String type, String description, Function<String, T> p) {
    return new ConfigKey<>(
        pattern,
        type,
        Shape.LIST,
        Optional.of(List.of()),
        description,
        values -> values.stream().map(p).toList());
  }

  /** A list, in place of which one of the words of the type may stand. */
  static <T> ConfigKey<T> wordOrList(
      String pattern,
      String type,
      String defaultWord,
      String description,
      Function<List<String>, T> p) {
    return new ConfigKey<>(
        pattern, type, Shape.WORD_OR_LIST, Optional.of(List.of(defaultWord)), description, p);
  }

  /** What may be written, as it is, of the alternatives that the type names. */
  List<String> words() {
    return Arrays.stream(type.split(" \\| ", -1)).filter(word -> word.indexOf(' ') < 0).toList();
  }

  /** The pattern cut into segments; a position in a list is the segment {@code []}. */
  List<String> segments() {
    return Arrays.asList(pattern.replace("[]", ".[]").split("\\.", -1));
  }

  /** The path with the holes of the pattern filled in order: names and {@code [0]}. */
  KeyPath at(String... holes) {
    int hole = 0;
    KeyPath path = KeyPath.ROOT;
    for (String segment : segments()) {
      path = path.child(isHole(segment) ? holes[hole++] : segment);
    }
    return path;
  }

  /** The default of this key at that path. */
  Optional<List<String>> defaultsAt(KeyPath path) {
    return defaults.map(
        values -> values.stream().map(value -> value.replace("NAME", owner(path))).toList());
  }

  /** How the default is shown in the table and in the shipped file. */
  String defaultText() {
    return defaults
        .map(
            values ->
                shape == Shape.LIST ? "[" + String.join(", ", values) + "]" : values.getFirst())
        .orElse("none");
  }

  /** The pattern as people read it. */
  String displayName() {
    return pattern.replace("*", "NAME");
  }

  /** The variable that sets the key at that path. */
  static String environmentName(KeyPath path) {
    return path.segments().stream()
        .map(ConfigKey::environmentSegment)
        .collect(Collectors.joining("_", ENVIRONMENT_PREFIX, ""));
  }

  /** The variable as the table shows it: with {@code NAME} and position 0. */
  String environmentName() {
    KeyPath path = KeyPath.ROOT;
    for (String segment : segments()) {
      path = path.child(segment.equals("*") ? "NAME" : segment.equals("[]") ? "[0]" : segment);
    }
    return environmentName(path);
  }

  /** A segment as it stands in a variable: in capitals, words joined with underscores. */
  static String environmentSegment(String segment) {
    if (KeyPath.isItem(segment)) {
      return segment.substring(1, segment.length() - 1);
    }
    return segment
        .replaceAll("([a-z0-9])([A-Z])", "$1_$2")
        .replaceAll("[^A-Za-z0-9]", "_")
        .toUpperCase(Locale.ROOT);
  }

  /** The segment before the last: the upstream of an upstream's key. */
  private static String owner(KeyPath path) {
    return path.length() < 2 ? "" : path.segments().get(path.length() - 2);
  }

  private static boolean isHole(String segment) {
    return segment.equals("*") || segment.equals("[]");
  }
}
