package dev.breakwater.config;

import java.util.Optional;

/**
 * How many requests an upstream gets at once; the others wait.
 *
 * @param blobs for blobs, of which one may be fetched by several requests
 * @param others for manifests, tag lists and referrers
 * @param rate of all requests; empty for no limit
 */
public record RequestLimitsConfig(int blobs, int others, Optional<RequestRate> rate) {}
