package dev.breakwater.registry;

import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Reference;
import io.vertx.core.Future;

/** Reads the manifests of a repository. */
public interface Manifests {
  /**
   * The manifest in full. At most one round of upstream requests, shared by everyone who asks at
   * the same time; never waits for blobs.
   */
  Future<Served<Manifest>> get(Reference reference);

  /**
   * What a HEAD tells. Never costs a counted upstream GET: a manifest that is not here is described
   * from upstream's own HEAD answer.
   */
  Future<Served<ManifestStat>> stat(Reference reference);
}
