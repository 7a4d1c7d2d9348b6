package dev.breakwater.gc;

import dev.breakwater.index.Index;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.index.OpenedIndex;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.Inventory;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Checks a data directory that no server uses; the caller holds its lock. Blocks, for long if every
 * blob is read.
 */
public final class Fsck {
  private final StorageLayout layout;
  private final boolean quick;
  private final Clock clock;
  private final Report report;

  /** Told of each finding. */
  @FunctionalInterface
  public interface Report {
    /**
     * One finding.
     *
     * @param repaired whether it has been put right
     */
    void tell(FsckFinding finding, boolean repaired);
  }

  /**
   * What was seen.
   *
   * @param blobs files of blobs
   * @param bytes their bytes
   * @param findings what was not as it should be
   * @param left how many of those still are not
   */
  public record Result(long blobs, long bytes, long findings, long left) {}

  /**
   * A check.
   *
   * @param quick whether blobs that the index knows are believed without reading them
   */
  public Fsck(Path data, boolean quick, Clock clock, Report report) {
    this.layout = new StorageLayout(data);
    this.quick = quick;
    this.clock = clock;
    this.report = report;
  }

  /**
   * Looks and changes nothing.
   *
   * @throws IOException if the disk does not tell what is there
   */
  public Result check() throws IOException, InterruptedException {
    Optional<RocksIndex> index;
    try {
      index = RocksIndex.openForReading(layout.index());
    } catch (IndexException e) {
      return checkWithoutIndex(String.valueOf(e.getMessage()));
    }
    if (index.isEmpty()) {
      return checkWithoutIndex("it is missing, or rebuilding it was interrupted");
    }
    try (RocksIndex present = index.get()) {
      return new Run(false).over(present, FsckRepairs.NONE, false);
    }
  }

  private Result checkWithoutIndex(String trouble) throws IOException, InterruptedException {
    Run run = new Run(false);
    run.accept(finding(trouble));
    try (MemoryIndex empty = new MemoryIndex()) {
      return run.over(empty, FsckRepairs.NONE, true);
    }
  }

  /**
   * Puts right what can be.
   *
   * @throws IOException if the disk does not tell what is there, or takes no changes
   * @throws IndexException if the index can be neither opened nor replaced
   */
  public Result repair() throws IOException, InterruptedException {
    Vertx vertx = Vertx.vertx();
    OpenedIndex opened = RocksIndex.open(layout.index());
    try (RocksIndex index = opened.index();
        BlobStore store = BlobStore.open(vertx, layout)) {
      Run run = new Run(true);
      Result result = run.over(index, FsckRepairs.of(store, index::apply), opened.fresh());
      if (!opened.fresh()) {
        return result;
      }
      index.rebuilt();
      run.accept(finding("it did not list the stored blobs"));
      return new Result(result.blobs(), result.bytes(), result.findings() + 1, result.left());
    } finally {
      vertx.close();
    }
  }

  private FsckFinding finding(String trouble) {
    return new FsckFinding(
        FsckFinding.Kind.INDEX, layout.index().getFileName().toString(), trouble);
  }

  /** One pass and what it found. */
  private final class Run implements Consumer<FsckFinding> {
    private final boolean repairing;
    private long findings;
    private long left;

    Run(boolean repairing) {
      this.repairing = repairing;
    }

    @Override
    public void accept(FsckFinding finding) {
      boolean repaired = repairing && finding.kind().isRepairable();
      findings++;
      left += repaired ? 0 : 1;
      report.tell(finding, repaired);
    }

    Result over(Index index, FsckRepairs repairs, boolean lost)
        throws IOException, InterruptedException {
      ReconcilePass.Summary summary =
          new ReconcilePass(
                  new Inventory(layout),
                  new BlobCheck(layout, BlobCheck.Pacing.NONE),
                  index,
                  repairs,
                  new ReconcilePass.Depth(lost, !quick),
                  clock,
                  this)
              .run();
      return new Result(summary.blobs(), summary.bytes(), findings, left);
    }
  }
}
