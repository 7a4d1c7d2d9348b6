package dev.breakwater.upstream;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;

/**
 * A manifest that a registry sent, checked.
 *
 * @param manifest its bytes with their digest and type
 * @param document what it refers to, parsed from these bytes
 */
public record PulledManifest(Manifest manifest, ManifestDocument document) {
  /** The digest of the bytes. */
  public Digest digest() {
    return manifest.digest();
  }
}
