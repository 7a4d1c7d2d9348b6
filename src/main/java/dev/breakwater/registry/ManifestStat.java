package dev.breakwater.registry;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;

/**
 * A manifest without its bytes.
 *
 * @param digest its digest
 * @param mediaType the type it is answered with
 * @param size its length in bytes
 */
public record ManifestStat(Digest digest, MediaType mediaType, long size) {
  /** What there is to say of a manifest at hand. */
  public static ManifestStat of(Manifest manifest) {
    return new ManifestStat(manifest.digest(), manifest.mediaType(), manifest.size());
  }
}
