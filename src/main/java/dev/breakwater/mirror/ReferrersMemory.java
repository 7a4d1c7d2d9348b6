package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.Optional;

/**
 * The referrers answers that list nothing: an empty listing, or that upstream has no referrers API.
 * Most subjects have such an answer and clients choose the subjects, so they are kept in memory
 * only, a bounded number of them. Old ones stay, to be served when upstream is down. Thread-safe.
 */
final class ReferrersMemory {
  private static final int ENTRIES = 10_000;

  private record Key(ZoneName zone, RepositoryName repository, Digest subject) {}

  private final Cache<Key, ReferrersRecord> answers =
      Caffeine.newBuilder().maximumSize(ENTRIES).build();

  Optional<ReferrersRecord> find(ZoneName zone, RepositoryName repository, Digest subject) {
    return Optional.ofNullable(answers.getIfPresent(new Key(zone, repository, subject)));
  }

  void put(ZoneName zone, RepositoryName repository, Digest subject, ReferrersRecord answer) {
    answers.put(new Key(zone, repository, subject), answer);
  }

  void remove(ZoneName zone, RepositoryName repository, Digest subject) {
    answers.invalidate(new Key(zone, repository, subject));
  }

  /** Asks upstream again about everything in this repository. */
  void forget(ZoneName zone, RepositoryName repository) {
    answers
        .asMap()
        .keySet()
        .removeIf(key -> key.zone().equals(zone) && key.repository().equals(repository));
  }
}
