package dev.breakwater.oci;

import java.util.Locale;

/** How an answer came about; a metric label and the heart of the {@code Cache-Status} header. */
public enum CacheResult {
  /** From the cache, upstream not asked. */
  HIT,
  /** From the cache although no longer fresh, because upstream is unavailable. */
  STALE,
  /** From the cache after upstream said that it is still right. */
  REVALIDATED,
  /** Fetched from upstream for this request. */
  MISS,
  /** Fetched from upstream for another request that this one joined. */
  COLLAPSED,
  /** Made here, with nothing to look up in the cache: the ping, and requests refused as such. */
  LOCAL,
  /** Upstream says, or said a short time ago, that it is not there or not for us. */
  NEGATIVE,
  /** No answer but an error. */
  ERROR;

  private final String label = name().toLowerCase(Locale.ROOT);

  /** The lower-case name. */
  public String label() {
    return label;
  }
}
