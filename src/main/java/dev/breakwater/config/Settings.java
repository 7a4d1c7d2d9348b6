package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The layers on top of each other. Maps are merged key by key and lists item by item, except that a
 * list in the file replaces the default list as a whole. It remembers what was read, for {@code
 * config print}.
 */
final class Settings {
  static final KeyPath LISTENERS = KeyPath.ROOT.child("listeners");
  static final KeyPath GROUPS = KeyPath.ROOT.child("access").child("groups");
  static final KeyPath RULES = KeyPath.ROOT.child("access").child("rules");
  static final KeyPath UPSTREAMS = KeyPath.ROOT.child("upstreams");
  static final SettingOrigin DEFAULT = new SettingOrigin.Default();

  private final Map<KeyPath, Setting> settings = new LinkedHashMap<>();
  private final Set<KeyPath> items = new LinkedHashSet<>();
  private final Map<KeyPath, SettingOrigin> wholeLists = new LinkedHashMap<>();
  private final Map<KeyPath, Setting> read = new LinkedHashMap<>();
  private final Set<KeyPath> unreadable = new LinkedHashSet<>();
  private final Problems problems;

  private Settings(Problems problems) {
    this.problems = problems;
  }

  /**
   * Lays the layers on top of each other, the weakest first. Values that cannot be read go to
   * {@code problems}.
   */
  static Settings of(Problems problems, Layer... weakestFirst) {
    Settings merged = new Settings(problems);
    for (Layer layer : weakestFirst) {
      for (KeyPath list : layer.wholeLists.keySet()) {
        merged.settings.keySet().removeIf(path -> path.startsWith(list));
        merged.items.removeIf(path -> path.startsWith(list));
      }
      merged.settings.putAll(layer.settings);
      merged.items.addAll(layer.items);
      merged.wholeLists.putAll(layer.wholeLists);
      merged.unreadable.addAll(layer.unreadable);
    }
    return merged;
  }

  /** The names right below, in the order of their first mention. */
  List<String> namesBelow(KeyPath parent) {
    return childrenOf(parent).stream().map(KeyPath::last).toList();
  }

  /** The positions right below, as {@code [0]}, {@code [1]}, up to the first gap, an error. */
  List<String> positionsBelow(KeyPath parent) {
    List<KeyPath> children = childrenOf(parent);
    List<String> positions =
        IntStream.range(0, children.size())
            .mapToObj(parent::item)
            .takeWhile(items::contains)
            .map(KeyPath::last)
            .toList();
    if (positions.size() < children.size()) {
      refuse(
          "there is no " + parent.item(positions.size()) + "; positions count from 0 without a gap",
          children.getLast());
    }
    return positions;
  }

  /** The value of a key that has a default. */
  <T> T get(ConfigKey<T> key, String... holes) {
    return find(key, holes)
        .orElseThrow(() -> new IllegalStateException(key.pattern() + " has no default"));
  }

  /**
   * The value of a key, empty when it is not configured and has no default. In place of a value
   * that cannot be read it is the default, so that the rest can be checked.
   */
  <T> Optional<T> find(ConfigKey<T> key, String... holes) {
    KeyPath path = key.at(holes);
    Optional<Setting> setting =
        Optional.ofNullable(settings.get(path))
            .or(() -> key.defaultsAt(path).map(values -> new Setting(key, values, DEFAULT)));
    setting.ifPresent(found -> read.put(path, found));
    return setting.flatMap(found -> parsed(key, path, found));
  }

  /** The file of a key; refused if it does not exist or this user must not read it. */
  Optional<Path> findFile(ConfigKey<Path> key, String... holes) {
    Optional<Path> found = find(key, holes);
    found.ifPresent(
        file -> {
          if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
            refuse(Quoted.of(file.toString()) + " is not a readable file", key, holes);
          }
        });
    return found;
  }

  /** Whether a source mentions the key, even with a value that cannot be read. */
  boolean isWritten(ConfigKey<?> key, String... holes) {
    KeyPath path = key.at(holes);
    return settings.containsKey(path) || !isReadable(path);
  }

  /** Whether what was found of the key so far is what was meant, and not a stand-in. */
  boolean isReadable(ConfigKey<?> key, String... holes) {
    return isReadable(key.at(holes));
  }

  /** The same for a list or a named item. */
  boolean isReadable(KeyPath path) {
    return unreadable.stream().noneMatch(path::startsWith);
  }

  /** Where the value of a key was written. */
  SettingOrigin originOf(ConfigKey<?> key, String... holes) {
    return originBelow(key.at(holes));
  }

  /** Adds an error about a key's value, at the place where the value was written. */
  void refuse(String message, ConfigKey<?> key, String... holes) {
    refuse(message, key.at(holes));
  }

  /** Adds an error about a list or a named item, at the place where it begins. */
  void refuse(String message, KeyPath path) {
    problems.add(originBelow(path).blame(path) + " " + message);
  }

  /** What was read so far, defaults included, in the order of reading. */
  Map<KeyPath, Setting> effective() {
    return Collections.unmodifiableMap(read);
  }

  private <T> Optional<T> parsed(ConfigKey<T> key, KeyPath path, Setting setting) {
    try {
      return Optional.of(key.parser().apply(setting.values()));
    } catch (IllegalArgumentException e) {
      problems.add(setting.origin().blame(path) + " " + e.getMessage());
      unreadable.add(path);
      return setting.origin().equals(DEFAULT)
          ? Optional.empty()
          : key.defaultsAt(path)
              .flatMap(values -> parsed(key, path, new Setting(key, values, DEFAULT)));
    }
  }

  private List<KeyPath> childrenOf(KeyPath parent) {
    return items.stream()
        .filter(item -> item.length() == parent.length() + 1 && item.startsWith(parent))
        .toList();
  }

  private SettingOrigin originBelow(KeyPath path) {
    return Optional.ofNullable(wholeLists.get(path))
        .or(
            () ->
                settings.entrySet().stream()
                    .filter(entry -> entry.getKey().startsWith(path))
                    .map(entry -> entry.getValue().origin())
                    .findFirst())
        .orElse(DEFAULT);
  }
}
