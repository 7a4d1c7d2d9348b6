package dev.breakwater.config;

/**
 * Who may read what is mirrored of an upstream.
 *
 * @param publicOnly whether only what the upstream gives to anonymous users is served, although it
 *     has credentials
 */
public record UpstreamAccessConfig(boolean publicOnly) {}
