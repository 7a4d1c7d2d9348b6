package dev.breakwater.upstream;

/**
 * Upstream's listing of referrers.
 *
 * @param index the image index, verbatim
 * @param filtered whether upstream said that it applied the filter
 */
public record ReferrersAnswer(byte[] index, boolean filtered) {}
