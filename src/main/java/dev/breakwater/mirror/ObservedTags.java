package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Where upstream lately said that tags point, which the index does not know while what they point
 * at is not here yet, or while the disk is full: upstream need not be asked again for that. In
 * memory only. Thread-safe.
 */
final class ObservedTags {
  private static final int ENTRIES = 10_000;

  private final Cache<RepositoryReference, TagRecord> seen =
      Caffeine.newBuilder().maximumSize(ENTRIES).build();

  Optional<TagRecord> of(RepositoryReference tag) {
    return Optional.ofNullable(seen.getIfPresent(tag));
  }

  void saw(RepositoryReference tag, TagRecord target) {
    seen.put(tag, target);
  }

  /** Forgets those of a repository, or that one; which there were. */
  Set<Reference> forget(ZoneName zone, RepositoryName repository, Optional<Tag> only) {
    List<RepositoryReference> known =
        seen.asMap().keySet().stream()
            .filter(tag -> tag.isIn(zone, repository))
            .filter(tag -> only.isEmpty() || tag.reference().equals(only.get()))
            .toList();
    seen.invalidateAll(known);
    return known.stream().map(RepositoryReference::reference).collect(Collectors.toSet());
  }
}
