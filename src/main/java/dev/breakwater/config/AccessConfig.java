package dev.breakwater.config;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who may log in, and what for.
 *
 * @param htpasswd the file with the users; without it no client can log in
 * @param groups the users of each group, in the order of the configuration
 * @param rules what clients may do; without any, all may pull, and users may push and delete
 */
public record AccessConfig(
    Optional<Path> htpasswd, Map<String, List<String>> groups, List<AccessRule> rules) {
  /** Freezes map and list. */
  public AccessConfig {
    rules = List.copyOf(rules);
    groups = Collections.unmodifiableMap(new LinkedHashMap<>(groups));
  }
}
