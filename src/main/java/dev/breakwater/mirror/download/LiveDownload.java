package dev.breakwater.mirror.download;

/**
 * A download under way, as the admin API shows it.
 *
 * @param digest of the blob
 * @param upstream the registry it comes from
 * @param repository the repository there
 * @param size of the blob in bytes, or -1 while it is unknown
 * @param received bytes that are here
 * @param followers answers that read from it
 * @param segments transfers that fetch it
 * @param prefetch whether the mirror wants it whatever clients do
 * @param cached whether it will be kept
 * @param seconds since it began
 */
public record LiveDownload(
    String digest,
    String upstream,
    String repository,
    long size,
    long received,
    int followers,
    int segments,
    boolean prefetch,
    boolean cached,
    double seconds) {}
