package dev.breakwater.upstream;

/**
 * How many calls to one registry run at once, each on a connection of its own; the others wait.
 *
 * @param blobs for blobs, of which one may be fetched by several calls
 * @param others for manifests, tag lists and referrers
 */
public record RequestLimits(int blobs, int others) {
  /** Of a public registry. */
  public static final RequestLimits DEFAULT = new RequestLimits(128, 64);
}
