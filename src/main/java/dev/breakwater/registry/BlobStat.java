package dev.breakwater.registry;

import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;

/**
 * A blob without its bytes.
 *
 * @param mediaType the type it is answered with
 * @param size its length in bytes
 */
public record BlobStat(MediaType mediaType, long size) {
  /** A blob of which only the size is known. */
  public static BlobStat ofBytes(long size) {
    return new BlobStat(MediaType.OCTET_STREAM, size);
  }

  /** A manifest that is asked for as a blob. */
  public static BlobStat of(Manifest manifest) {
    return new BlobStat(manifest.mediaType(), manifest.size());
  }
}
