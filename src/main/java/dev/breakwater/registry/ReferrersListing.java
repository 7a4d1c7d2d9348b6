package dev.breakwater.registry;

/**
 * A list of referrers.
 *
 * @param index an OCI image index, ready to send; never to be changed
 * @param filtered whether the asked artifact type was applied ({@code OCI-Filters-Applied})
 */
public record ReferrersListing(byte[] index, boolean filtered) {}
