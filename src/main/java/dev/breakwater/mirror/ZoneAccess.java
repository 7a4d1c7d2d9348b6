package dev.breakwater.mirror;

import dev.breakwater.upstream.UpstreamRegistry;
import java.util.Optional;

/**
 * What may be read of a registry through the mirror.
 *
 * @param rules which repositories
 * @param readers who may
 * @param anonymous the registry, asked as one that it does not know: what it does not give to
 *     anonymous users is not served; empty: all that the mirror can read is served
 */
public record ZoneAccess(
    RepositoryRules rules, Readers readers, Optional<UpstreamRegistry> anonymous) {
  /** Everything, by all. */
  public static final ZoneAccess OPEN =
      new ZoneAccess(RepositoryRules.NONE, Readers.ALL, Optional.empty());
}
