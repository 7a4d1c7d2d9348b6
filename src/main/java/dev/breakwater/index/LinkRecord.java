package dev.breakwater.index;

import dev.breakwater.oci.MediaType;

/**
 * The permission to read a digest through a repository, with what its manifest says of it.
 *
 * @param mediaType the descriptor's type
 * @param size the descriptor's size in bytes, or -1 if it is unknown
 */
public record LinkRecord(MediaType mediaType, long size) {}
