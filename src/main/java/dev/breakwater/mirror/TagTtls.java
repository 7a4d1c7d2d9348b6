package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.TagPattern;
import java.time.Duration;
import java.util.List;

/**
 * For how long the tags of a zone are fresh.
 *
 * @param usual what no rule speaks of
 * @param rules of which the first that matches counts
 */
public record TagTtls(Duration usual, List<Rule> rules) {
  /**
   * For how long some tags are fresh.
   *
   * @param pattern which ones
   * @param time for how long
   */
  public record Rule(TagPattern pattern, Duration time) {}

  /** Freezes the rules. */
  public TagTtls {
    rules = List.copyOf(rules);
  }

  Duration of(RepositoryName repository, Tag tag) {
    for (Rule rule : rules) {
      if (rule.pattern().matches(repository, tag)) {
        return rule.time();
      }
    }
    return usual;
  }
}
