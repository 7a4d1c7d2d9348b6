package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.Optional;

/**
 * Answers of upstream that the index does not know, in memory only, a bounded number of them.
 * Thread-safe.
 */
final class RecentAnswers<V> {
  private static final int ENTRIES = 10_000;

  private final Cache<RepositoryReference, V> answers =
      Caffeine.newBuilder().maximumSize(ENTRIES).build();

  Optional<V> find(RepositoryReference subject) {
    return Optional.ofNullable(answers.getIfPresent(subject));
  }

  void put(RepositoryReference subject, V answer) {
    answers.put(subject, answer);
  }

  void remove(RepositoryReference subject) {
    answers.invalidate(subject);
  }

  /** Asks upstream again about everything in this repository. */
  void forget(ZoneName zone, RepositoryName repository) {
    answers.asMap().keySet().removeIf(subject -> subject.isIn(zone, repository));
  }
}
