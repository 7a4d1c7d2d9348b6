package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;

/**
 * The referrers answers that list nothing: an empty listing, or that upstream has no referrers API.
 * Most subjects have such an answer and clients choose the subjects, so they are kept in memory
 * only, a bounded number of them. Old ones stay, to be served when upstream is down. Thread-safe.
 */
final class ReferrersMemory {
  private static final int ENTRIES = 10_000;

  private final Cache<RepositoryReference, ReferrersRecord> answers =
      Caffeine.newBuilder().maximumSize(ENTRIES).build();

  Optional<ReferrersRecord> find(RepositoryReference subject) {
    return Optional.ofNullable(answers.getIfPresent(subject));
  }

  void put(RepositoryReference subject, ReferrersRecord answer) {
    answers.put(subject, answer);
  }

  void remove(RepositoryReference subject) {
    answers.invalidate(subject);
  }

  /** Asks upstream again about everything in this repository; how many answers that forgets. */
  int forget(ZoneName zone, RepositoryName repository) {
    List<RepositoryReference> known =
        answers.asMap().keySet().stream()
            .filter(subject -> subject.isIn(zone, repository))
            .toList();
    answers.invalidateAll(known);
    return known.size();
  }
}
