package dev.breakwater.gc;

import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.metrics.UpkeepMeters;
import dev.breakwater.storage.CrashPoint;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The entries of the index that a sweep deletes, some at a time. Used by one thread, and deletes
 * nothing on a dry run.
 */
final class EntryDeletions {
  private static final int BATCH = 100;

  private final CachedIndex.Generation generation;
  private final WorkPacer pace;
  private final UpkeepMeters meters;
  private final boolean dryRun;
  private final List<CachedIndex.Deletion> deletions = new ArrayList<>();
  private final List<String> kinds = new ArrayList<>();

  /** Changes in all deletions. */
  private int waiting;

  EntryDeletions(
      CachedIndex.Generation generation, WorkPacer pace, UpkeepMeters meters, boolean dryRun) {
    this.generation = generation;
    this.pace = pace;
    this.meters = meters;
    this.dryRun = dryRun;
  }

  /** These are to go; an operator counts them as one of this kind. */
  void add(String kind, BooleanSupplier mayGo, Change... changes) {
    kinds.add(kind);
    add(mayGo, changes);
  }

  /**
   * These are to go together; at once if they are many by now.
   *
   * @param mayGo asked once more on another thread, while nothing is put into the index
   */
  void add(BooleanSupplier mayGo, Change... changes) {
    deletions.add(new CachedIndex.Deletion(List.of(changes), mayGo));
    waiting += changes.length;
    if (waiting >= BATCH) {
      deleteAll();
    }
  }

  /** Deletes what is left; blocking. */
  void deleteAll() {
    if (!dryRun && !deletions.isEmpty()) {
      CrashPoint.at("sweep.beforeEntries");
      finish(generation.delete(deletions));
      CrashPoint.at("sweep.afterEntries");
      kinds.forEach(meters::entryDeleted);
      pace.step();
    }
    deletions.clear();
    kinds.clear();
    waiting = 0;
  }

  /** What has begun is finished, even when the sweep is to stop. */
  static void finish(Future<Void> change) {
    change.toCompletionStage().toCompletableFuture().join();
  }
}
