package dev.breakwater.config;

/**
 * Who may read what of an upstream.
 *
 * @param readers who may read what is mirrored of it
 * @param publicOnly whether anonymous readers get only what the upstream gives to anonymous users,
 *     although it has credentials
 */
public record UpstreamAccessConfig(UpstreamAccess readers, boolean publicOnly) {}
