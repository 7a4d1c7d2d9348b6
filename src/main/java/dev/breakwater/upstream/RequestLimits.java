package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.Optional;

/**
 * How many calls to one registry run at once, each on a connection of its own, and how many
 * requests it gets within a time; the others wait.
 *
 * @param blobs for blobs, of which one may be fetched by several calls
 * @param others for manifests, tag lists and referrers
 * @param rate of all requests to it, to its mirrors and to its token servers; empty for no limit
 */
public record RequestLimits(int blobs, int others, Optional<Rate> rate) {
  /** Of a public registry. */
  public static final RequestLimits DEFAULT = new RequestLimits(128, 64, Optional.empty());

  /** What may have made a call wait too long, as the end of a sentence. */
  String reason(ZoneName zone) {
    return rate.map(limit -> "; upstreams." + zone + ".requestRate holds them back").orElse("");
  }

  /**
   * So many requests in every window of that length.
   *
   * @param requests at least 1
   */
  public record Rate(int requests, Duration window) {}
}
