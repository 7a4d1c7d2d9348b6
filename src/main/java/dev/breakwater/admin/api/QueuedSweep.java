package dev.breakwater.admin.api;

/**
 * {@code POST /api/gc}: a sweep that will run.
 *
 * @param id its number; the sweep has ended when the last one of {@link SweepStatus} has no lower
 *     one
 * @param dryRun whether it will delete nothing
 */
public record QueuedSweep(long id, boolean dryRun) {}
