package dev.breakwater.upstream;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;

/**
 * What upstream's HEAD says of a manifest.
 *
 * @param digest {@code Docker-Content-Digest}
 * @param mediaType {@code Content-Type}
 * @param size {@code Content-Length}
 */
public record ManifestHead(Digest digest, MediaType mediaType, long size) {}
