package dev.breakwater.gc;

import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexChange;
import java.util.ArrayList;
import java.util.List;

/**
 * The entries of the index that a sweep deletes, some at a time. Used by one thread, and deletes
 * nothing on a dry run.
 */
final class DeadEntries {
  private static final int BATCH = 100;

  private final Index index;
  private final CachedIndex.Generation generation;
  private final Disuse disuse;
  private final Pace pace;
  private final boolean dryRun;
  private final List<IndexChange> deaths = new ArrayList<>();

  DeadEntries(
      Index index, CachedIndex.Generation generation, Disuse disuse, Pace pace, boolean dryRun) {
    this.index = index;
    this.generation = generation;
    this.disuse = disuse;
    this.pace = pace;
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
      Sweep.finish(generation.delete(List.copyOf(deaths), this::mayGo));
      pace.bigStep();
    }
    deaths.clear();
  }

  /** Asked while nothing is put into the index. */
  private boolean mayGo(IndexChange death) {
    return switch (death) {
      case IndexChange.DeleteManifest manifest ->
          disuse.isUnused(manifest.zone(), manifest.repository(), manifest.digest());
      case IndexChange.DeleteManifestUsage manifest ->
          disuse.isUnused(manifest.zone(), manifest.repository(), manifest.digest());
      case IndexChange.DeleteLink link -> !disuse.isUsed(link.digest());
      case IndexChange.DeleteBlobUsage usage -> index.blob(usage.digest()).isEmpty();
      default -> true;
    };
  }
}
