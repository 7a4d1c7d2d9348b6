package dev.breakwater.gc;

/**
 * What the scrubber is doing.
 *
 * @param state {@code off}, {@code idle}, {@code waiting} to begin or {@code running}
 * @param bytesPerSecond how fast it may read
 * @param began when the last pass began, in ISO 8601; empty if none ever did
 * @param position the digest it has come to; empty between passes
 * @param blobs hashed by that pass since the start
 * @param bytes of those
 * @param damaged blobs found bad since the start, by whatever found them
 * @param healed of those, blobs that were fetched again
 * @param doubted whether blobs of an unclean stop are still to be hashed
 */
public record ScrubStatus(
    String state,
    long bytesPerSecond,
    String began,
    String position,
    long blobs,
    long bytes,
    long damaged,
    long healed,
    boolean doubted) {}
