package dev.breakwater.testing;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * The rules in effect, in the order they were given; the first one that matches and is not used up
 * decides. So rules for the same request with {@code times(n)} happen one after the other.
 */
final class Script {
  private final List<Rule> rules = new CopyOnWriteArrayList<>();

  void add(Rule rule) {
    rules.add(rule);
  }

  void remove(Rule rule) {
    rules.remove(rule);
  }

  void clear() {
    rules.clear();
  }

  /** What is scripted for that request. */
  Optional<Fault> next(SeenRequest request) {
    for (Rule rule : rules) {
      Optional<Fault> fault = rule.take(request);
      if (fault.isPresent()) {
        return fault;
      }
    }
    return Optional.empty();
  }
}
