package dev.breakwater.registry;

import dev.breakwater.oci.Digest;
import io.vertx.core.Future;
import java.util.Optional;

/** Lists the manifests that name another one as their {@code subject} (end-12). */
public interface Referrers {
  /**
   * The listing. Fails with {@code MANIFEST_UNKNOWN} (404) where upstream does not support
   * referrers, so that the client turns to the referrers tag schema.
   *
   * @param artifactType only referrers of this type
   */
  Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType);
}
