package dev.breakwater.admin;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadList;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepStatus;
import io.vertx.core.Future;

/** What operators may see of the cache and do to it. Called on event loops: nothing blocks. */
public interface CacheOperations {
  /** The downloads under way. */
  DownloadList downloads();

  /** What the scrubber is doing. */
  ScrubInfo scrub();

  /** Begins a pass of the scrubber, after the one that runs; false if it is switched off. */
  boolean startScrub();

  /** The sweep that runs, and the last one. */
  SweepStatus sweeps();

  /**
   * Asks for a sweep, which runs as soon as it may.
   *
   * @param dryRun whether it only counts
   * @return its number
   */
  long startSweep(boolean dryRun);

  /** Reads the whole index, which takes a while. */
  Future<DiskUsage> diskUsage();
}
