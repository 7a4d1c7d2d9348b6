package dev.breakwater.storage;

/**
 * How much of the disk the cache has and may have at one moment. All in bytes.
 *
 * @param limit the configured bound of everything in the data directory
 * @param used what is there, reservations included
 * @param unwritten what downloads hold of that and have not written, and may give back
 * @param minFree what is to be left free on the volume
 * @param spare what the volume has beyond {@code minFree} and all reservations; negative if less
 */
public record DiskStanding(long limit, long used, long unwritten, long minFree, long spare) {
  /** What the cache can grow to now: the limit, or less if the rest of the volume is in use. */
  public long effectiveLimit() {
    return spare >= limit - used ? limit : Math.max(0, used + spare);
  }
}
