package dev.breakwater.config;

/**
 * How stored blobs are read again to find what has rotted.
 *
 * @param rate the most that is read for it
 */
public record ScrubConfig(ByteRate rate) {}
