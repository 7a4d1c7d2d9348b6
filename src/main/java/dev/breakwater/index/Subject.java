package dev.breakwater.index;

import dev.breakwater.oci.Digest;

/**
 * What a listing of referrers is about.
 *
 * @param artifactType the filter asked for, or empty
 */
record Subject(Digest digest, String artifactType) {}
