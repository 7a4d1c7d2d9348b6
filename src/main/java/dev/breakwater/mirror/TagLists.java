package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The whole tag lists that upstreams gave lately, so that the pages of one list cost one request.
 * In memory only: {@link #MAX_BYTES} in all, the least used are evicted. A list is used for as long
 * as tags of its zone are fresh, at most {@link #LONGEST}. Thread-safe.
 */
final class TagLists {
  static final int MAX_BYTES = 8 * 1024 * 1024;
  static final Duration LONGEST = Duration.ofSeconds(60);

  record Key(ZoneName zone, RepositoryName repository) {}

  private record Known(PackedTags tags, long fetchedAt) {}

  private final Freshness freshness;
  private final Cache<Key, Known> lists =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .weigher((Key key, Known known) -> known.tags().weight())
          .expireAfterWrite(LONGEST)
          .build();

  TagLists(Freshness freshness) {
    this.freshness = freshness;
  }

  /** The list, if it is fresh. */
  Optional<List<Tag>> find(ZoneName zone, RepositoryName repository) {
    Duration usual = freshness.timeToLive(zone);
    Duration time = usual.compareTo(LONGEST) < 0 ? usual : LONGEST;
    return Optional.ofNullable(lists.getIfPresent(new Key(zone, repository)))
        .filter(known -> freshness.isFresh(known.fetchedAt(), time))
        .map(Known::tags);
  }

  /** Keeps a list that upstream has just given. */
  void put(ZoneName zone, RepositoryName repository, List<Tag> tags) {
    lists.put(new Key(zone, repository), new Known(new PackedTags(tags), freshness.now()));
  }

  /** Asks upstream again for this repository's list; how many lists that forgets, 0 or 1. */
  int forget(ZoneName zone, RepositoryName repository) {
    return lists.asMap().remove(new Key(zone, repository)) == null ? 0 : 1;
  }
}
