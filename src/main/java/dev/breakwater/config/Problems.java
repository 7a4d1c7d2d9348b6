package dev.breakwater.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * What is wrong with a configuration. All sources are read to their end, so that one run names
 * every error; no configuration is made when there is one.
 */
final class Problems {
  /** More than that is not the file that was meant. */
  private static final int MAX_TOLD = 50;

  private final Set<String> messages = new LinkedHashSet<>();

  /** Adds an error: one line that names the place, what is wrong there and the remedy. */
  void add(String message) {
    messages.add(message);
  }

  /** Throws a {@link ConfigException} that names all of them, in the order of their discovery. */
  void throwIfAny() {
    if (messages.isEmpty()) {
      return;
    }
    List<String> told = new ArrayList<>(messages.stream().limit(MAX_TOLD).toList());
    if (messages.size() > MAX_TOLD) {
      told.add("and " + (messages.size() - MAX_TOLD) + " more errors");
    }
    throw new ConfigException(told);
  }
}
