package dev.breakwater.config;

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
  static final KeyPath UPSTREAMS = KeyPath.ROOT.child("upstreams");
  static final SettingOrigin DEFAULT = new SettingOrigin.Default();

  private final Map<KeyPath, Setting> settings = new LinkedHashMap<>();
  private final Set<KeyPath> items = new LinkedHashSet<>();
  private final Map<KeyPath, SettingOrigin> wholeLists = new LinkedHashMap<>();
  private final Map<KeyPath, Setting> read = new LinkedHashMap<>();

  private Settings() {}

  /** Lays the layers on top of each other, the weakest first. */
  static Settings of(Layer... weakestFirst) {
    Settings merged = new Settings();
    for (Layer layer : weakestFirst) {
      for (KeyPath list : layer.wholeLists.keySet()) {
        merged.settings.keySet().removeIf(path -> path.startsWith(list));
        merged.items.removeIf(path -> path.startsWith(list));
      }
      merged.settings.putAll(layer.settings);
      merged.items.addAll(layer.items);
      merged.wholeLists.putAll(layer.wholeLists);
    }
    return merged;
  }

  /** The names right below, in the order of their first mention. */
  List<String> namesBelow(KeyPath parent) {
    return childrenOf(parent).stream().map(KeyPath::last).toList();
  }

  /** The positions right below, as {@code [0]}, {@code [1]}, checked to have no gap. */
  List<String> positionsBelow(KeyPath parent) {
    List<KeyPath> children = childrenOf(parent);
    List<String> positions =
        IntStream.range(0, children.size()).mapToObj(i -> parent.item(i).last()).toList();
    for (String position : positions) {
      if (!items.contains(parent.child(position))) {
        KeyPath stray = children.getLast();
        throw new ConfigException(
            originBelow(stray).blame(stray)
                + " there is no "
                + parent
                + position
                + "; positions count from 0 without a gap");
      }
    }
    return positions;
  }

  /** The value of a key that has a default. */
  <T> T get(ConfigKey<T> key, String... holes) {
    return find(key, holes)
        .orElseThrow(() -> new IllegalStateException(key.pattern() + " has no default"));
  }

  /** The value of a key, empty when it is not configured and has no default. */
  <T> Optional<T> find(ConfigKey<T> key, String... holes) {
    KeyPath path = key.at(holes);
    Optional<Setting> setting =
        Optional.ofNullable(settings.get(path))
            .or(() -> key.defaultsAt(path).map(values -> new Setting(key, values, DEFAULT)));
    setting.ifPresent(found -> read.put(path, found));
    return setting.map(found -> parsed(key, path, found));
  }

  /** An error about a key's value, at the place where the value was written. */
  ConfigException refusal(String message, ConfigKey<?> key, String... holes) {
    KeyPath path = key.at(holes);
    return new ConfigException(originBelow(path).blame(path) + " " + message);
  }

  /** An error about a list or a named item, at the place where it begins. */
  ConfigException refusal(String message, KeyPath path) {
    return new ConfigException(originBelow(path).blame(path) + " " + message);
  }

  /** What was read so far, defaults included, in the order of reading. */
  Map<KeyPath, Setting> effective() {
    return Collections.unmodifiableMap(read);
  }

  private static <T> T parsed(ConfigKey<T> key, KeyPath path, Setting setting) {
    try {
      return key.parser().apply(setting.values());
    } catch (IllegalArgumentException e) {
      throw new ConfigException(setting.origin().blame(path) + " " + e.getMessage(), e);
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
