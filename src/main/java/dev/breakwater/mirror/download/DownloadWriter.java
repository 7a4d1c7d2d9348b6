package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.DiskThreads;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.PrefixHash;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The disk's side of a download: hashes and writes what has arrived, proves it, commits it. Its
 * methods return at once; the work is done in order on the disk threads, but for the commit, and
 * {@link Event}s are told there. When the disk refuses, or has no room, it goes on hashing without
 * writing.
 */
final class DownloadWriter {
  private static final Logger log = LoggerFactory.getLogger(DownloadWriter.class);

  private final SerialExecutor serial;
  private final Executor committers;
  private final PartFile part;
  private final GrowingBlob bytes;
  private final HeldSpace space;
  private final PrefixHash hash;
  private final long writeBatch;
  private final Consumer<Event> events;
  private final BlobSource source;
  private final AtomicBoolean writeQueued = new AtomicBoolean();

  /** Touched by the caller of {@link #begin} only. */
  private boolean begun;

  // The rest is touched by the serial tasks only.
  private boolean writing = true;
  private boolean broken;
  private boolean closed;

  /** While the cache makes room, everything waits in memory, and upstream with it. */
  private boolean awaitingRoom;

  private long finishWithRoom = -1;

  DownloadWriter(DownloadParts parts, GrowingBlob bytes, Consumer<Event> events) {
    DiskThreads disk = parts.shared().store().parts().threads();
    this.serial = new SerialExecutor(disk.writers());
    this.committers = disk.committers();
    this.part = parts.file();
    this.bytes = bytes;
    this.space = new HeldSpace(parts.shared().budget(), part.bytesFound());
    this.hash = new PrefixHash(part.digest());
    this.writeBatch = parts.settings().buffers().writeBatch();
    this.source = parts.source();
    this.events = events;
  }

  /**
   * Holds room for the blob, of a size or -1, and hashes what an earlier download left of it; of no
   * effect but the first time.
   */
  void begin(long size) {
    if (begun) {
      return;
    }
    begun = true;
    task(
        () -> {
          if (space.tryHold(size)) {
            goOn(true, size);
            return;
          }
          awaitingRoom = true;
          CompletableFuture<Void> _ =
              space
                  .whenRoom(size)
                  .thenAccept(made -> serial.execute(() -> roomDecided(made, size)));
        });
  }

  private void roomDecided(Optional<DiskBudget.Reservation> room, long size) {
    awaitingRoom = false;
    if (closed) {
      room.ifPresent(unused -> unused.settle(0));
      return;
    }
    work(
        () -> {
          goOn(space.hold(room), size);
          if (finishWithRoom >= 0) {
            prove(finishWithRoom);
          }
        });
  }

  private void goOn(boolean hasRoom, long size) throws IOException {
    if (!hasRoom) {
      refused("the cache has no room for its " + size + " bytes");
    }
    hash.catchUp(part.file().channel(), part.endOfRunAt(hash.position()));
    drain();
  }

  /** Hashes and writes what has arrived. */
  void write() {
    if (writeQueued.compareAndSet(false, true)) {
      task(
          () -> {
            writeQueued.set(false);
            drain();
          });
    }
  }

  /** Everything has arrived: writes the rest and proves it. */
  void finish(long size) {
    task(
        () -> {
          if (awaitingRoom) {
            finishWithRoom = size;
          } else {
            prove(size);
          }
        });
  }

  private void prove(long size) throws IOException {
    drain();
    events.accept(hash.matches(size) ? new Event.Proven() : new Event.Mismatched(wrongDigest()));
  }

  private UpstreamException wrongDigest() {
    return new UpstreamException(
        UpstreamOutcome.DIGEST_MISMATCH,
        "what " + source + " sent for " + digest() + " does not have that digest",
        null);
  }

  /** Makes the proven blob durable, unless the disk has refused it. */
  void commit(long size) {
    task(
        () -> {
          if (writing) {
            try {
              committers.execute(() -> commitNow(size));
            } catch (RejectedExecutionException e) {
              refused("too many blobs wait to be synced to the disk");
            }
          }
        });
  }

  /** On a thread that may wait for the disk; nothing is written meanwhile. */
  private void commitNow(long size) {
    try {
      part.commit(size);
    } catch (IOException | RuntimeException e) {
      task(() -> refused(DiskReason.of(e)));
      return;
    }
    task(
        () -> {
          space.settle(PartFile.bytesOfBlob(size));
          events.accept(new Event.Committed());
        });
  }

  /** Forgets all bytes; what arrives from now on is a new beginning. */
  void restart() {
    task(
        () -> {
          hash.reset();
          if (writing) {
            part.restart();
          }
        });
  }

  /**
   * Ends the work.
   *
   * @param keep whether a later download may go on from the bytes that are here
   */
  void close(boolean keep) {
    serial.execute(
        () -> {
          closed = true;
          try {
            boolean kept = keep && writing && !broken && save() && part.present().total() > 0;
            if (kept) {
              space.settle(part.bytesOnDisk());
            } else {
              long left = discard();
              // Readers hold a file without a name a moment longer.
              part.file().whenClosed(() -> space.settle(left));
            }
          } catch (IOException e) {
            log.warn(
                "the size of unfinished download {} cannot be read: {}",
                digest(),
                DiskReason.of(e));
          } finally {
            part.close();
            events.accept(new Event.FileClosed());
          }
        });
  }

  private boolean save() {
    try {
      drain();
      part.saveState();
      return writing;
    } catch (IOException | RuntimeException e) {
      return false;
    }
  }

  /** How many bytes stay on the disk all the same. */
  private long discard() {
    try {
      part.discard();
      return 0;
    } catch (IOException e) {
      log.warn("the file of download {} cannot be removed: {}", digest(), DiskReason.of(e));
      return left();
    }
  }

  private long left() {
    try {
      return part.bytesOnDisk();
    } catch (IOException e) {
      return part.bytesFound();
    }
  }

  /** Ends the work after a commit: the file is a blob now. */
  void release() {
    serial.execute(
        () -> {
          try {
            part.close();
          } finally {
            events.accept(new Event.FileClosed());
          }
        });
  }

  private void drain() throws IOException {
    if (awaitingRoom) {
      return;
    }
    Optional<Batch> batch = bytes.nextBatch(writeBatch, hash.position());
    while (batch.isPresent()) {
      Batch next = batch.get();
      ByteBuffer[] views = next.views();
      hash.update(next.offset(), views);
      boolean written = writing && tryWrite(next, views);
      if (!written && hash.position() < next.end()) {
        // Ahead of the hash and not to be read back: it waits in memory for the gap to close.
        bytes.putBack(next);
        return;
      }
      bytes.done(next, written);
      hash.catchUp(part.file().channel(), part.endOfRunAt(hash.position()));
      events.accept(new Event.Progressed());
      batch = bytes.nextBatch(writeBatch, hash.position());
    }
  }

  private boolean tryWrite(Batch batch, ByteBuffer[] views) {
    try {
      if (!space.covers(batch.end())) {
        refused("it has more bytes than was said before, and the cache has no room for them");
        return false;
      }
      part.write(batch.offset(), views);
      space.wrote(batch.length());
      return true;
    } catch (IOException e) {
      refused(DiskReason.of(e));
      return false;
    }
  }

  /**
   * Never written to again: after an error it is unknown what the file holds beyond what is noted.
   */
  private void refused(String why) {
    writing = false;
    bytes.keepInMemory();
    events.accept(new Event.DiskRefused(new DiskFailureException(digest(), why)));
  }

  private Digest digest() {
    return part.digest();
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  private void task(DiskWork work) {
    serial.execute(() -> work(work));
  }

  private void work(DiskWork work) {
    if (broken) {
      return;
    }
    try {
      work.run();
    } catch (IOException | RuntimeException e) {
      broken = true;
      events.accept(new Event.DiskFailed(new DiskFailureException(digest(), e)));
    }
  }
}
