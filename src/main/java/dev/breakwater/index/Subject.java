package dev.breakwater.index;

import dev.breakwater.oci.Digest;

/**
 * What a listing of referrers is about.
 *
 * @param digest the manifest that is referred to
 * @param artifactType the filter asked for, or empty
 */
public record Subject(Digest digest, String artifactType) {}
