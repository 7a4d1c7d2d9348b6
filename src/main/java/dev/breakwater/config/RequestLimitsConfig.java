package dev.breakwater.config;

/**
 * How many requests an upstream gets at once; the others wait.
 *
 * @param blobs for blobs, of which one may be fetched by several requests
 * @param others for manifests, tag lists and referrers
 */
public record RequestLimitsConfig(int blobs, int others) {}
