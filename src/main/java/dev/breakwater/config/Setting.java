package dev.breakwater.config;

import java.util.List;

/** The text that a key was given, not yet read: one value, or the items of a list. */
record Setting(ConfigKey<?> key, List<String> values, SettingOrigin origin) {
  Setting {
    values = List.copyOf(values);
  }
}
