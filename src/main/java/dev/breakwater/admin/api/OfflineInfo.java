package dev.breakwater.admin.api;

import java.util.List;

/**
 * {@code GET /api/offline}: which upstreams are not asked. What was switched by the admin API holds
 * until the process ends; then the configuration holds again.
 *
 * @param offline whether none is asked at all
 * @param upstreams all, in the order of the configuration
 */
public record OfflineInfo(boolean offline, List<OfflineUpstream> upstreams) {
  /** A list of its own. */
  public OfflineInfo {
    upstreams = List.copyOf(upstreams);
  }

  /**
   * An upstream.
   *
   * @param name its zone
   * @param offline whether it is not asked
   * @param byItself whether it is switched off by itself, and stays so when all are switched on
   */
  public record OfflineUpstream(String name, boolean offline, boolean byItself) {}
}
