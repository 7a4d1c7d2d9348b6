package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Change;
import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Quoted;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.CrashPoint;
import dev.breakwater.storage.Inventory;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Compares the files of a data directory with its index, once, on the caller's thread. */
final class ReconcilePass implements Inventory.Visitor {
  /*
   * It may run beside a server, so whatever it sees may be on its way to be right:
   *
   *   file without an entry   a download renames first and writes the entry afterwards. The entry is
   *                           looked for once more after hashing, and adding it twice is harmless.
   *   entry without a file    seen so only while nothing renames; if the file has come by the time
   *                           the entry is dropped, it is put back.
   *   part, state, .tmp       of a live download are in any mixture; only the store can tell, and its
   *                           discardDownload leaves those alone.
   *
   * What is not known yet is hashed before it is believed, unless the whole index was lost: then
   * files are taken at their names, because hashing everything would take hours, and commit gives a
   * name to proven and synced bytes only. The scrubber comes by later.
   *
   * Only a hash condemns a file. An entry that gives it another size may be wrong itself, or of a
   * file that has been replaced. A file that the disk does not give is reported and passed over.
   */
  private static final int BATCH = 1000;

  /**
   * What is looked at.
   *
   * @param lost whether the index lacks what the store holds
   * @param hashAll whether every blob is hashed, and not only what the index does not know
   */
  record Depth(boolean lost, boolean hashAll) {}

  /**
   * What was seen.
   *
   * @param blobs files of blobs
   * @param bytes their bytes
   * @param findings what was not as it should be
   */
  record Summary(long blobs, long bytes, long findings) {}

  private final Inventory inventory;
  private final BlobCheck check;
  private final Index index;
  private final FsckRepairs repairs;
  private final Depth depth;
  private final Clock clock;
  private final Consumer<FsckFinding> findings;
  private final List<Change> batch = new ArrayList<>(BATCH);
  private final Refusals refusals = new Refusals();
  private long blobs;
  private long bytes;
  private long found;

  ReconcilePass(
      Inventory inventory,
      BlobCheck check,
      Index index,
      FsckRepairs repairs,
      Depth depth,
      Clock clock,
      Consumer<FsckFinding> findings) {
    this.inventory = inventory;
    this.check = check;
    this.index = index;
    this.repairs = repairs;
    this.depth = depth;
    this.clock = clock;
    this.findings = findings;
  }

  /**
   * Does it.
   *
   * @throws IOException if the disk does not tell what is there
   * @throws dev.breakwater.index.IndexException if the index cannot be read or written
   * @throws InterruptedException if the thread is told to stop
   */
  Summary run() throws IOException, InterruptedException {
    try {
      inventory.visit(this);
      flush();
      CrashPoint.at("reconcile.afterFiles");
      lookForFiles();
    } catch (UncheckedInterruptedException e) {
      throw e.interruption();
    }
    return new Summary(blobs, bytes, found);
  }

  @Override
  public void blob(Digest digest, long size, long writtenAt) throws IOException {
    goOnOrStop();
    blobs++;
    bytes += size;
    Optional<BlobRecord> known = index.get(Tables.BLOBS, digest);
    boolean disagrees = known.isPresent() && known.get().size() != size;
    if (depth.hashAll() || disagrees || (known.isEmpty() && !depth.lost())) {
      if (!refusals.attempt(() -> hash(digest, size, known))) {
        report(FsckFinding.Kind.UNREADABLE, inventory.blobName(digest), "cannot be read");
      }
    } else if (known.isEmpty()) {
      // Not as of now, which would be a lie to those who doubt what is older.
      adopt(digest, size, writtenAt);
    }
  }

  /** Always true; fails if the disk does not give the bytes. */
  private boolean hash(Digest digest, long size, Optional<BlobRecord> known) throws IOException {
    BlobCheck.Finding finding;
    try {
      finding = check.check(digest);
    } catch (InterruptedException e) {
      throw new UncheckedInterruptedException(e);
    }
    if (finding.verdict() == BlobCheck.Verdict.DAMAGED) {
      damaged(digest, finding, size, known);
    } else if (finding.verdict() == BlobCheck.Verdict.SOUND) {
      sound(digest);
    }
    return true;
  }

  /** Compares the entry, as it is by now, with a file that was hashed. */
  private void sound(Digest digest) throws IOException {
    long size = inventory.sizeOf(digest).orElse(-1L);
    Optional<BlobRecord> known = index.get(Tables.BLOBS, digest);
    if (size < 0 || (known.isPresent() && known.get().size() == size)) {
      return;
    }
    adopt(digest, size, known.map(BlobRecord::storedAt).orElse(clock.millis()));
    if (known.isPresent()) {
      report(
          FsckFinding.Kind.WRONG_SIZE,
          inventory.blobName(digest),
          "is intact and has " + size + " bytes, but the index says " + known.get().size());
    } else if (!depth.lost()) {
      report(
          FsckFinding.Kind.NO_ENTRY, inventory.blobName(digest), "is intact, but not in the index");
    }
  }

  private void damaged(
      Digest digest, BlobCheck.Finding finding, long size, Optional<BlobRecord> known)
      throws IOException {
    if (!repairs.quarantine(digest, finding)) {
      return;
    }
    repairs.apply(List.of(Tables.BLOBS.delete(digest)));
    report(
        FsckFinding.Kind.DAMAGED,
        inventory.blobName(digest),
        known.isPresent() && known.get().size() != size
            ? "is damaged: it has " + size + " bytes and should have " + known.get().size()
            : "is damaged: its content does not have the digest of its name");
  }

  private void adopt(Digest digest, long size, long storedAt) {
    batch.add(Tables.BLOBS.put(digest, new BlobRecord(size, storedAt)));
    if (batch.size() == BATCH) {
      flush();
    }
  }

  private void flush() {
    if (!batch.isEmpty()) {
      repairs.apply(List.copyOf(batch));
      batch.clear();
    }
  }

  @Override
  public void download(Inventory.DownloadFiles files) throws IOException {
    goOnOrStop();
    if (inventory.sizeOf(files.digest()).isPresent()) {
      stray(files.digest(), "the blob is stored already");
    } else if (!files.part()) {
      stray(files.digest(), "its data file is missing");
    } else if (!files.state()) {
      stray(files.digest(), "its state file is missing");
    } else if (files.halfState()) {
      stray(files.digest(), "its state file was not completely written");
    }
  }

  private void stray(Digest digest, String what) throws IOException {
    if (repairs.discardDownload(digest)) {
      report(FsckFinding.Kind.STRAY_DOWNLOAD, inventory.downloadName(digest), what);
    }
  }

  @Override
  public void foreign(Path path) throws IOException {
    Optional<String> left = OldRegistry.describe(path);
    report(
        left.isPresent() ? FsckFinding.Kind.OLD_REGISTRY : FsckFinding.Kind.FOREIGN,
        left.isPresent() ? Quoted.escape(path.toString()) : inventory.nameOf(path),
        left.orElse("is not Breakwater's, or is a symbolic link, and is never touched"));
  }

  private void lookForFiles() throws IOException {
    List<Digest> missing = new ArrayList<>();
    try {
      index.scan(
          Tables.BLOBS,
          (digest, blob) -> {
            goOnOrStop();
            if (sizeOf(digest).isEmpty()) {
              missing.add(digest);
            }
          });
    } catch (DiskUnreadableException e) {
      throw e.cause;
    }
    for (Digest digest : missing) {
      drop(digest);
    }
  }

  private void drop(Digest digest) throws IOException {
    repairs.apply(List.of(Tables.BLOBS.delete(digest)));
    Optional<Long> size = inventory.sizeOf(digest);
    if (size.isPresent()) {
      adopt(digest, size.get(), clock.millis());
      flush();
      return;
    }
    report(
        FsckFinding.Kind.NO_FILE,
        inventory.blobName(digest),
        "is in the index, but the file is missing");
  }

  private Optional<Long> sizeOf(Digest digest) {
    try {
      return inventory.sizeOf(digest);
    } catch (IOException e) {
      throw new DiskUnreadableException(e);
    }
  }

  private void report(FsckFinding.Kind kind, String subject, String what) {
    found++;
    findings.accept(new FsckFinding(kind, subject, what));
  }

  private static void goOnOrStop() {
    if (Thread.currentThread().isInterrupted()) {
      throw new UncheckedInterruptedException(new InterruptedException());
    }
  }

  /** Carries a failure of the disk through a scan of the index. */
  private static final class DiskUnreadableException extends RuntimeException {
    @java.io.Serial private static final long serialVersionUID = 1L;
    private final IOException cause;

    DiskUnreadableException(IOException cause) {
      super(null, cause, false, false);
      this.cause = cause;
    }
  }
}
