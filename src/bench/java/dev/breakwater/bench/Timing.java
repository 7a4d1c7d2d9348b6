package dev.breakwater.bench;

/**
 * How an answer came.
 *
 * @param sentAt {@link System#nanoTime} at the request
 * @param firstByte seconds from there to the body's first byte
 * @param total seconds from there to its last byte
 * @param bytes how many there were
 */
record Timing(long sentAt, double firstByte, double total, long bytes) {}
