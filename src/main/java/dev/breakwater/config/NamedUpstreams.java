package dev.breakwater.config;

import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The upstreams that variables name. {@code BREAKWATER_UPSTREAMS_FOO_NAME=registry.example.com}
 * says which upstream all other variables {@code BREAKWATER_UPSTREAMS_FOO_*} are about, so that one
 * can be added without a file.
 *
 * @param names the names by the label in the variable, which is in lower case
 * @param variables the variables that give a name, or could
 */
record NamedUpstreams(Map<String, String> names, Set<String> variables) {
  private static final Pattern VARIABLE =
      Pattern.compile(ConfigKey.ENVIRONMENT_PREFIX + "UPSTREAMS_([A-Z0-9][A-Z0-9_]*)_NAME");

  /** A misspelt user name of an account, not the name of an upstream. */
  private static final Pattern ACCOUNT = Pattern.compile("(.*_)?ACCOUNTS(_.*)?");

  /**
   * Finds them.
   *
   * @param upstreams the names that other sources mention
   * @param problems takes the errors
   */
  static NamedUpstreams read(
      Map<String, String> environment, Collection<String> upstreams, Problems problems) {
    NamedUpstreams found = new NamedUpstreams(new LinkedHashMap<>(), new LinkedHashSet<>());
    new TreeMap<>(environment)
        .forEach(
            (variable, value) -> {
              Matcher matcher = VARIABLE.matcher(variable);
              if (matcher.matches() && !ACCOUNT.matcher(matcher.group(1)).matches()) {
                found.variables.add(variable);
                if (!value.isEmpty()) {
                  found.add(variable, matcher.group(1), value, upstreams, problems);
                }
              }
            });
    return found;
  }

  private void add(
      String variable, String label, String name, Collection<String> upstreams, Problems problems) {
    try {
      UpstreamName.parse(name);
    } catch (IllegalArgumentException e) {
      problems.add("environment variable " + variable + ": " + e.getMessage());
      return;
    }
    List<String> others =
        upstreams.stream()
            .filter(other -> ConfigKey.environmentSegment(other).equals(label))
            .toList();
    if (others.isEmpty()) {
      names.put(label.toLowerCase(Locale.ROOT), name);
    } else if (!others.contains(name)) {
      problems.add(
          "environment variable "
              + variable
              + ": "
              + label
              + " stands for the upstream "
              + others.getFirst()
              + "; choose another word for "
              + name);
    }
  }
}
