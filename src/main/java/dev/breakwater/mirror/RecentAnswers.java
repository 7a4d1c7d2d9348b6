package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

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

  /** Asks upstream again about everything in this repository; how many answers that forgets. */
  int forget(ZoneName zone, RepositoryName repository) {
    return forget(zone, repository, Optional.empty()).size();
  }

  /** The same for that tag only, if one is given; what it forgets the answers about. */
  Set<Reference> forget(ZoneName zone, RepositoryName repository, Optional<Tag> only) {
    List<RepositoryReference> known =
        answers.asMap().keySet().stream()
            .filter(subject -> subject.isIn(zone, repository))
            .filter(subject -> only.isEmpty() || subject.reference().equals(only.get()))
            .toList();
    answers.invalidateAll(known);
    return known.stream().map(RepositoryReference::reference).collect(Collectors.toSet());
  }
}
