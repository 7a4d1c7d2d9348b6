package dev.breakwater.index;

/**
 * A listing of referrers as upstream gave it.
 *
 * @param index the image index, or empty if upstream does not support referrers
 * @param filtered whether upstream applied the filter
 * @param checkedAt when upstream said so, in milliseconds since the epoch
 */
public record ReferrersRecord(byte[] index, boolean filtered, long checkedAt) {}
