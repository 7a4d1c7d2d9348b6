package dev.breakwater.testing;

import java.util.Optional;

/**
 * What happens to which requests how often. Made by {@link FaultyRegistry#on}; takes effect with
 * {@link #then}. Safe for all threads.
 */
public final class Rule {
  private final Script script;
  private final RequestMatcher matcher;
  private int passing;
  private int left = Integer.MAX_VALUE;
  private int hits;
  private Fault fault = Faults.none();

  Rule(Script script, RequestMatcher matcher) {
    this.script = script;
    this.matcher = matcher;
  }

  /** Lets the first so many matching requests pass. */
  public synchronized Rule after(int count) {
    passing = count;
    return this;
  }

  /** Only so often; afterwards the next rule that matches has its turn. */
  public synchronized Rule times(int count) {
    left = count;
    return this;
  }

  /** Once. */
  public Rule once() {
    return times(1);
  }

  /** Without end, which is the default. */
  public Rule always() {
    return times(Integer.MAX_VALUE);
  }

  /** Puts the rule into effect with all these faults on the same answer. */
  public Rule then(Fault first, Fault... more) {
    Fault all = first;
    for (Fault next : more) {
      all = all.and(next);
    }
    synchronized (this) {
      fault = all;
    }
    script.add(this);
    return this;
  }

  /** Ends the rule. */
  public void remove() {
    script.remove(this);
  }

  /** How many requests it has spoiled. */
  public synchronized int hits() {
    return hits;
  }

  /** The fault for the request, if the rule matches and is not used up. */
  synchronized Optional<Fault> take(SeenRequest request) {
    if (left == 0 || !matcher.matches(request)) {
      return Optional.empty();
    }
    if (passing > 0) {
      passing--;
      return Optional.empty();
    }
    if (left != Integer.MAX_VALUE) {
      left--;
    }
    hits++;
    return Optional.of(fault);
  }

  @Override
  public synchronized String toString() {
    return "on " + matcher + ": " + fault + ", " + hits + " times so far";
  }
}
