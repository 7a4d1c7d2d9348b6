package dev.breakwater.config;

import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * What one source says: the defaults, the file, the environment or the flags. Filled by its reader,
 * then only read.
 */
final class Layer {
  /** The text of each key that the source mentions. */
  final Map<KeyPath, Setting> settings = new LinkedHashMap<>();

  /**
   * Items of lists, and named upstreams, that the source mentions, even without any key in them.
   */
  final Set<KeyPath> items = new LinkedHashSet<>();

  /** Places whose text could not be taken; the error is told already. */
  final Set<KeyPath> unreadable = new LinkedHashSet<>();

  /** Lists that the source writes out whole, so that items of lower layers do not count. */
  final Map<KeyPath, SettingOrigin> wholeLists = new LinkedHashMap<>();

  void put(ConfigKey<?> key, KeyPath path, List<String> values, SettingOrigin origin) {
    List<String> pattern = key.segments();
    for (int i = 0; i < pattern.size(); i++) {
      if (pattern.get(i).equals("*") || pattern.get(i).equals("[]")) {
        items.add(path.first(i + 1));
      }
    }
    settings.put(path, new Setting(key, values, origin));
  }

  void put(ConfigKey<?> key, KeyPath path, String value, SettingOrigin origin) {
    put(key, path, List.of(value), origin);
  }

  /** The names of the upstreams that the source mentions. */
  Set<String> upstreamNames() {
    return namesBelow(Settings.UPSTREAMS);
  }

  /** The names that the source mentions right below. */
  Set<String> namesBelow(KeyPath parent) {
    Set<String> names = new LinkedHashSet<>();
    for (KeyPath item : items) {
      if (item.length() == parent.length() + 1 && item.startsWith(parent)) {
        names.add(item.last());
      }
    }
    return names;
  }
}
