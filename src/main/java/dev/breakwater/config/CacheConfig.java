package dev.breakwater.config;

import java.time.Duration;
import java.util.List;

/**
 * How much is kept, and for how long an answer is believed.
 *
 * @param maxSize bound of everything in the data directory
 * @param minFree what is left free on the volume whatever {@code maxSize} says
 * @param tagTtl for how long a tag is served without asking upstream; zero asks every time
 * @param tagTtls other times for some tags; the first that matches counts
 * @param staleWhileRevalidate for how long after its time a tag is served while upstream is asked
 * @param deletedTags what becomes of a cached tag that upstream has deleted
 * @param negativeTtl for how long "not found" and "not allowed" are believed; zero asks every time
 * @param maxIdle for how long unused content is kept
 * @param evictionGrace for how long what was stored or used is not evicted, even for a download
 *     that waits for room
 * @param offline true when upstreams are never asked
 * @param prefetch whether the blobs of a stored manifest are fetched before anyone asks
 * @param segments the most transfers that one large blob is fetched by at once; 1 for never more
 */
public record CacheConfig(
    DiskLimit maxSize,
    DiskLimit minFree,
    Duration tagTtl,
    List<TagTtl> tagTtls,
    Duration staleWhileRevalidate,
    DeletedTags deletedTags,
    Duration negativeTtl,
    Duration maxIdle,
    Duration evictionGrace,
    boolean offline,
    boolean prefetch,
    int segments) {

  /** Freezes the list. */
  public CacheConfig {
    tagTtls = List.copyOf(tagTtls);
  }
}
