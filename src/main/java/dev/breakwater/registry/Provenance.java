package dev.breakwater.registry;

import dev.breakwater.oci.CacheResult;
import org.jspecify.annotations.Nullable;

/**
 * How an answer came about, for {@code Cache-Status} (RFC 9211), the log and the metrics.
 *
 * @param result the verdict
 * @param ttlSeconds seconds for which the cached answer stays fresh, or -1 where that has no
 *     meaning
 * @param upstreamStatus the status upstream gave for this answer, or 0 if it was not asked
 * @param detail why, in a few words fit for a header ({@code upstream-timeout}), or null
 */
public record Provenance(
    CacheResult result, long ttlSeconds, int upstreamStatus, @Nullable String detail) {

  /** From the cache, and immutable. */
  public static final Provenance HIT = new Provenance(CacheResult.HIT, -1, 0, null);

  /** Fetched for this request. */
  public static final Provenance MISS = new Provenance(CacheResult.MISS, -1, 200, null);

  /** Fetched for another request that this one joined. */
  public static final Provenance COLLAPSED = new Provenance(CacheResult.COLLAPSED, -1, 200, null);

  /** From the cache although upstream has it no more. */
  public static final Provenance DELETED_UPSTREAM =
      new Provenance(CacheResult.STALE, -1, 404, "deleted-upstream");

  /** From the cache, fresh for so long. */
  public static Provenance hit(long ttlSeconds) {
    return new Provenance(CacheResult.HIT, ttlSeconds, 0, null);
  }

  /** From the cache because upstream could not be asked. */
  public static Provenance stale(String detail) {
    return new Provenance(CacheResult.STALE, -1, 0, detail);
  }

  /** From the cache after upstream confirmed it. */
  public static Provenance revalidated(long ttlSeconds) {
    return new Provenance(CacheResult.REVALIDATED, ttlSeconds, 200, null);
  }
}
