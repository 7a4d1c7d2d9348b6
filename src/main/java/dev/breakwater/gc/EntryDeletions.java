package dev.breakwater.gc;

import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexChange;
import dev.breakwater.metrics.UpkeepMeters;
import dev.breakwater.storage.CrashPoint;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The entries of the index that a sweep deletes, some at a time. Used by one thread, and deletes
 * nothing on a dry run.
 */
final class EntryDeletions {
  private static final int BATCH = 100;

  private final Index index;
  private final CachedIndex.Generation generation;
  private final IdlePolicy idlePolicy;
  private final WorkPacer pace;
  private final UpkeepMeters meters;
  private final boolean dryRun;
  private final List<IndexChange> deaths = new ArrayList<>();

  EntryDeletions(
      Index index,
      CachedIndex.Generation generation,
      IdlePolicy idlePolicy,
      WorkPacer pace,
      UpkeepMeters meters,
      boolean dryRun) {
    this.index = index;
    this.generation = generation;
    this.idlePolicy = idlePolicy;
    this.pace = pace;
    this.meters = meters;
    this.dryRun = dryRun;
  }

  /** These are to go; at once if they are many by now. */
  void add(IndexChange... deletions) {
    deaths.addAll(List.of(deletions));
    if (deaths.size() >= BATCH) {
      deleteAll();
    }
  }

  /** Deletes what is left; blocking. */
  void deleteAll() {
    if (!dryRun && !deaths.isEmpty()) {
      CrashPoint.at("sweep.beforeEntries");
      Sweep.finish(generation.delete(List.copyOf(deaths), this::mayGo));
      CrashPoint.at("sweep.afterEntries");
      deaths.forEach(death -> kind(death).ifPresent(meters::entryDeleted));
      pace.step();
    }
    deaths.clear();
  }

  /** Of those that mean something to an operator. */
  private static Optional<String> kind(IndexChange death) {
    return switch (death) {
      case IndexChange.DeleteManifest manifest -> Optional.of("manifest");
      case IndexChange.DeleteTag tag -> Optional.of("tag");
      case IndexChange.DeleteReferrers referrers -> Optional.of("referrers");
      case IndexChange.DeleteLink link -> Optional.of("link");
      default -> Optional.empty();
    };
  }

  /** Asked while nothing is put into the index. */
  private boolean mayGo(IndexChange death) {
    return switch (death) {
      case IndexChange.DeleteManifest manifest ->
          idlePolicy.isUnused(manifest.zone(), manifest.repository(), manifest.digest());
      case IndexChange.DeleteManifestUsage manifest ->
          idlePolicy.isUnused(manifest.zone(), manifest.repository(), manifest.digest());
      case IndexChange.DeleteLink link -> !idlePolicy.isUsed(link.digest());
      case IndexChange.DeleteBlobUsage usage -> index.blob(usage.digest()).isEmpty();
      default -> true;
    };
  }
}
