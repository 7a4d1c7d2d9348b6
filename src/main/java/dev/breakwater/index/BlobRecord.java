package dev.breakwater.index;

/**
 * A blob in the store.
 *
 * @param size its length in bytes
 * @param storedAt when its bytes were verified, in milliseconds since the epoch
 */
public record BlobRecord(long size, long storedAt) {}
