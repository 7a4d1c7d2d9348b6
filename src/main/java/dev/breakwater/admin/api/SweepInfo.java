package dev.breakwater.admin.api;

/**
 * What a sweep did, or would do.
 *
 * @param id counts the sweeps since the start
 * @param dryRun whether nothing was deleted
 * @param outcome {@code done}, {@code stopped} or {@code failed}
 * @param startedAt when, in milliseconds since the epoch
 * @param seconds how long it took
 * @param manifests deleted because they were not used for too long
 * @param tags deleted because upstream was not asked for them for too long
 * @param referrers listings deleted for the same reason
 * @param links permissions deleted because nothing names their blob any more
 * @param blobs deleted because they were not used for too long and nothing in use names them
 * @param blobBytes their bytes
 * @param downloads rests of downloads deleted
 * @param downloadBytes their bytes
 * @param waiting unreferenced content that a later sweep will delete, after its grace period
 * @param kept blobs that are left
 */
public record SweepInfo(
    long id,
    boolean dryRun,
    String outcome,
    long startedAt,
    double seconds,
    long manifests,
    long tags,
    long referrers,
    long links,
    long blobs,
    long blobBytes,
    long downloads,
    long downloadBytes,
    long waiting,
    long kept) {}
