package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.DiskThreads;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.PrefixHash;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * The disk's side of a download: hashes and writes what has arrived, proves it, commits it. Its
 * methods return at once; the work is done in order on the disk threads, but for the commit, and so
 * are the calls of {@link Events}. When the disk refuses, or has no room, it goes on hashing
 * without writing.
 */
final class DownloadWriter {
  /** What becomes of the work; called on a disk thread. */
  interface Events {
    /** Some of what waited is done. */
    void progressed();

    /** The disk has no room or refuses; the blob will not be kept. */
    void diskRefused(String why);

    /** Everything is hashed and has the digest. False if it is not wanted any more. */
    boolean verified();

    /** Everything is hashed and does not have the digest. */
    void mismatched();

    /** What was written cannot be read back: the rest cannot be proven. */
    void failed(Exception cause);

    /** The blob is in the store, durably. */
    void committed();

    /** The part file has been closed, after a call that ended the work. */
    void closed();
  }

  private final SerialExecutor serial;
  private final Executor committers;
  private final PartFile part;
  private final GrowingBlob bytes;
  private final DiskBudget budget;
  private final PrefixHash hash;
  private final long writeBatch;
  private final long found;
  private final Events events;
  private final AtomicBoolean writeQueued = new AtomicBoolean();

  // The rest is touched by the serial tasks only.
  private DiskBudget.@Nullable Reservation reservation;
  private boolean writing = true;
  private boolean broken;
  private boolean closed;

  /** While the cache makes room, everything waits in memory, and upstream with it. */
  private boolean awaitingRoom;

  private long finishWithRoom = -1;

  DownloadWriter(
      DiskThreads disk,
      PartFile part,
      GrowingBlob bytes,
      DiskBudget budget,
      DownloadSettings settings,
      Events events) {
    this.serial = new SerialExecutor(disk.writers());
    this.committers = disk.committers();
    this.part = part;
    this.bytes = bytes;
    this.budget = budget;
    this.hash = new PrefixHash(part.digest());
    this.writeBatch = settings.writeBatch();
    this.found = part.bytesFound();
    this.events = events;
  }

  /** What is held for a blob of unknown size. */
  static final long UNKNOWN_SIZE = 256 * 1024 * 1024;

  /** What is held at once beyond that, or beyond a size that turned out to be wrong. */
  private static final long GROWTH = 16 * 1024 * 1024;

  /** Holds room for the blob, of a size or -1, and hashes what an earlier download left of it. */
  void begin(long size) {
    task(
        () -> {
          long wanted =
              Math.max(0, PartFile.bytesToReserve(size < 0 ? UNKNOWN_SIZE : size) - found);
          Optional<DiskBudget.Reservation> room = budget.reserve(wanted);
          if (room.isPresent()) {
            goOn(room, size);
            return;
          }
          awaitingRoom = true;
          CompletableFuture<Void> _ =
              budget
                  .whenRoom(wanted)
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
          goOn(room, size);
          if (finishWithRoom >= 0) {
            prove(finishWithRoom);
          }
        });
  }

  private void goOn(Optional<DiskBudget.Reservation> room, long size) throws IOException {
    if (room.isPresent()) {
      reservation = room.get();
    } else {
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

  /** Everything has arrived: writes the rest, proves it and commits. */
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
    if (!hash.matches(size)) {
      events.mismatched();
      return;
    }
    if (events.verified() && writing) {
      try {
        committers.execute(() -> commit(size));
      } catch (RejectedExecutionException e) {
        refused("too many blobs wait to be synced to the disk");
      }
    }
  }

  /** On a thread that may wait for the disk; nothing is written meanwhile. */
  private void commit(long size) {
    try {
      part.commit(size);
    } catch (IOException | RuntimeException e) {
      task(() -> refused(e.toString()));
      return;
    }
    task(
        () -> {
          settle(PartFile.bytesOfBlob(size) - found);
          events.committed();
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
              settle(part.bytesOnDisk() - found);
            } else {
              long left = discard();
              // Readers hold a file without a name a moment longer.
              DiskBudget.Reservation held = reservation;
              part.file().whenClosed(() -> settle(held, left - found));
            }
          } catch (IOException e) {
            events.diskRefused("what is left of " + digest() + " cannot be measured: " + e);
          } finally {
            part.close();
            events.closed();
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
      events.diskRefused("the part file of " + digest() + " could not be removed: " + e);
      return left();
    }
  }

  private long left() {
    try {
      return part.bytesOnDisk();
    } catch (IOException e) {
      return found;
    }
  }

  /** Ends the work after a commit: the file is a blob now. */
  void release() {
    serial.execute(
        () -> {
          try {
            part.close();
          } finally {
            events.closed();
          }
        });
  }

  private void settle(long bytesThatStay) {
    settle(reservation, bytesThatStay);
    reservation = null;
  }

  /** Without a reservation too: an earlier download's bytes may have gone. */
  private void settle(DiskBudget.@Nullable Reservation held, long bytesThatStay) {
    if (held != null) {
      held.settle(bytesThatStay);
    } else if (bytesThatStay != 0) {
      budget.freed(-bytesThatStay);
    }
  }

  private void drain() throws IOException {
    if (awaitingRoom) {
      return;
    }
    Optional<GrowingBlob.Batch> batch = bytes.nextBatch(writeBatch, hash.position());
    while (batch.isPresent()) {
      GrowingBlob.Batch next = batch.get();
      ByteBuffer[] views = byteBuffers(next.buffers());
      hash.update(next.offset(), views);
      boolean written = writing && tryWrite(next.offset(), views);
      if (!written && hash.position() < next.end()) {
        // Ahead of the hash and not to be read back: it waits in memory for the gap to close.
        bytes.putBack(next);
        return;
      }
      bytes.done(next, written);
      hash.catchUp(part.file().channel(), part.endOfRunAt(hash.position()));
      events.progressed();
      batch = bytes.nextBatch(writeBatch, hash.position());
    }
  }

  private boolean tryWrite(long offset, ByteBuffer[] views) {
    try {
      long written = length(views);
      if (!hasRoom(offset + written)) {
        refused("it has more bytes than was said before, and the cache has no room for them");
        return false;
      }
      part.write(offset, views);
      if (reservation != null) {
        reservation.wrote(written);
      }
      return true;
    } catch (IOException e) {
      refused(e.toString());
      return false;
    }
  }

  /** No byte is written that no room is held for, whatever was said of the size. */
  private boolean hasRoom(long end) {
    DiskBudget.Reservation held = reservation;
    long missing = PartFile.bytesToReserve(end) - found - (held == null ? 0 : held.bytes());
    if (missing <= 0) {
      return true;
    }
    return held != null && (held.grow(missing + GROWTH) || held.grow(missing));
  }

  /**
   * Never written to again: after an error it is unknown what the file holds beyond what is noted.
   */
  private void refused(String why) {
    writing = false;
    bytes.keepInMemory();
    events.diskRefused(why);
  }

  private Digest digest() {
    return part.digest();
  }

  /** A look into the buffers without a copy; they are never changed after they arrived. */
  private static ByteBuffer[] byteBuffers(List<Buffer> buffers) {
    ByteBuffer[] views = new ByteBuffer[buffers.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = ((BufferInternal) buffers.get(i)).getByteBuf().nioBuffer();
    }
    return views;
  }

  private static long length(ByteBuffer[] views) {
    long length = 0;
    for (ByteBuffer view : views) {
      length += view.remaining();
    }
    return length;
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
      events.failed(e);
    }
  }
}
