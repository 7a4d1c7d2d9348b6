package dev.breakwater.index;

/**
 * How something was used.
 *
 * @param lastUse when it was used last, in milliseconds since the epoch
 * @param uses how often, with old uses counting for less, as of the last one; the writer of a later
 *     one decides how much less
 */
public record UsageRecord(long lastUse, double uses) {}
