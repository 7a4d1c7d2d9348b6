package dev.breakwater.mirror;

import dev.breakwater.storage.PartFile;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The disk's side of a fill: hashes and writes what has arrived, verifies, commits. Its methods
 * return at once; the work is done in order on the disk threads, and so are the calls of {@link
 * Events}.
 */
final class FillWriter {
  /** What becomes of the work; called on a disk thread. */
  interface Events {
    /** Bytes are in the file; {@code backlog} more wait. */
    void wrote(long backlog);

    /** All bytes are hashed and have the digest; those in memory or file may be served. */
    void verified();

    /** All bytes are hashed and do not have the digest. */
    void mismatched();

    /** The blob is in the store, durably. */
    void committed();

    /** The disk refused; nothing more will be written. */
    void failed(IOException cause);

    /** The part file has been closed, after a call that ended the work. */
    void closed();
  }

  private final SerialExecutor serial;
  private final PartFile part;
  private final GrowingBlob bytes;
  private final long writeBatch;
  private final Events events;
  private final AtomicBoolean draining = new AtomicBoolean();

  /** Only touched by the serial tasks. */
  private boolean broken;

  FillWriter(
      Executor disk, PartFile part, GrowingBlob bytes, FillSettings settings, Events events) {
    this.serial = new SerialExecutor(disk);
    this.part = part;
    this.bytes = bytes;
    this.writeBatch = settings.writeBatch();
    this.events = events;
  }

  /** Hashes what an earlier download left. */
  void catchUp() {
    task(part::catchUp);
  }

  /** Writes what has arrived. */
  void write() {
    if (draining.compareAndSet(false, true)) {
      task(
          () -> {
            draining.set(false);
            drain();
          });
    }
  }

  /** Everything has arrived: writes the rest, verifies and commits. */
  void finish(long size) {
    task(
        () -> {
          drain();
          if (!part.verify(size)) {
            events.mismatched();
            return;
          }
          events.verified();
          part.commit(size);
          events.committed();
        });
  }

  /** Forgets all bytes; what arrives from now on is a new beginning. */
  void restart() {
    task(part::restart);
  }

  /**
   * Ends the work.
   *
   * @param keep whether a later download may go on from the bytes that are here
   */
  void close(boolean keep) {
    serial.execute(
        () -> {
          try {
            if (keep && !broken) {
              drain();
              part.saveState();
            } else {
              part.discard();
            }
          } catch (IOException e) {
            // What cannot be kept is fetched again; the sweeper finds the file.
            broken = true;
          }
          part.close();
          events.closed();
        });
  }

  /** Ends the work after a commit: the file is a blob now. */
  void release() {
    serial.execute(
        () -> {
          part.close();
          events.closed();
        });
  }

  private void drain() throws IOException {
    Optional<GrowingBlob.Batch> batch = bytes.nextBatch(writeBatch);
    while (batch.isPresent()) {
      GrowingBlob.Batch next = batch.get();
      part.write(next.offset(), byteBuffers(next.buffers()));
      events.wrote(bytes.written(next));
      batch = bytes.nextBatch(writeBatch);
    }
  }

  /** A look into the buffers without a copy; they are never changed after they arrived. */
  private static ByteBuffer[] byteBuffers(List<Buffer> buffers) {
    ByteBuffer[] views = new ByteBuffer[buffers.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = ((BufferInternal) buffers.get(i)).getByteBuf().nioBuffer();
    }
    return views;
  }

  private interface DiskWork {
    void run() throws IOException;
  }

  private void task(DiskWork work) {
    serial.execute(
        () -> {
          if (broken) {
            return;
          }
          try {
            work.run();
          } catch (IOException e) {
            broken = true;
            events.failed(e);
          }
        });
  }
}
