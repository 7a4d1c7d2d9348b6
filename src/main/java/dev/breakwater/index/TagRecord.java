package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;

/**
 * What a tag pointed at.
 *
 * @param digest the manifest's digest
 * @param mediaType the manifest's type
 * @param size the manifest's length in bytes
 * @param checkedAt when upstream last said so, in milliseconds since the epoch
 */
public record TagRecord(Digest digest, MediaType mediaType, long size, long checkedAt) {}
