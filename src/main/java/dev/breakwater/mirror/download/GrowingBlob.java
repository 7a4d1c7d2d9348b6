package dev.breakwater.mirror.download;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.PresentRanges;
import io.vertx.core.buffer.Buffer;
import java.nio.channels.FileChannel;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The bytes of a download so far: in memory while they are new, in the part file for good.
 * Thread-safe.
 */
final class GrowingBlob {
  /*
   * A piece that arrives is at once readable from memory and waits for the writer, which takes the
   * lowest offsets first. Once written it stays in memory for a while, so that readers who keep up
   * never touch the file; the oldest written pieces are dropped when memory holds more than MEMORY.
   * Readers who lag read the file. A reader therefore never waits for the disk, and the disk never
   * waits for a reader. What waits for the writer is bounded by the download, which pauses upstream
   * by load().
   *
   * Without a disk (keepInMemory) there is no file to fall back to: a piece stays until the writer
   * has hashed it and every reader is past it (release), so that load() makes upstream keep the
   * pace of the slowest reader.
   *
   * Pieces of a few bytes, as some servers send them, are gathered: each piece costs a few hundred
   * bytes beside its own, which a million of them would multiply. Gathered bytes are readable as
   * soon as they arrive, since they are appended to a buffer whose earlier bytes do not move; it
   * takes no more once the writer has it.
   *
   * DownloadMemory counts what all downloads hold; when that is much, each keeps written pieces no
   * longer, and waits for its writer earlier.
   */

  /** How much of the newest bytes stays in memory for readers that keep up. */
  private static final long MEMORY = 1024 * 1024;

  /** The most that is handed to the kernel at once, so that many readers share the connection. */
  private static final long MAX_FILE_REGION = 4 * 1024 * 1024;

  private final FileChannel file;
  private final DownloadMemory all;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final TreeMap<Long, Piece> memory = new TreeMap<>();

  @GuardedBy("lock")
  private final TreeMap<Long, Piece> unwritten = new TreeMap<>();

  /** What the writer is through with, oldest first. */
  @GuardedBy("lock")
  private final Deque<Piece> droppable = new ArrayDeque<>();

  @GuardedBy("lock")
  private final PresentRanges received = new PresentRanges();

  @GuardedBy("lock")
  private final PresentRanges onDisk = new PresentRanges();

  @GuardedBy("lock")
  private long inMemory;

  @GuardedBy("lock")
  private long backlog;

  @GuardedBy("lock")
  private boolean diskless;

  @GuardedBy("lock")
  private long released;

  @GuardedBy("lock")
  private boolean settled;

  /** Nothing but what the file has already. */
  GrowingBlob(FileChannel file, PresentRanges present, DownloadMemory all) {
    this.file = file;
    this.all = all;
    synchronized (lock) {
      for (PresentRanges.Range run : present.runs()) {
        received.add(run.start(), run.end());
        onDisk.add(run.start(), run.end());
      }
    }
  }

  /** Takes what has arrived. */
  void add(long offset, Buffer bytes) {
    synchronized (lock) {
      if (memory.containsKey(offset)) {
        return;
      }
      Map.Entry<Long, Piece> before = unwritten.lowerEntry(offset);
      if (before == null || !before.getValue().gather(offset, bytes)) {
        Piece piece = Piece.of(offset, bytes);
        memory.put(offset, piece);
        unwritten.put(offset, piece);
        hold(piece.cost());
      }
      backlog += bytes.length();
      received.add(offset, offset + bytes.length());
    }
  }

  /**
   * Bytes that hold upstream back when there are too many of them. Without a disk only those that
   * readers can come to: what lies behind a gap must not keep the gap from being closed.
   */
  long load() {
    synchronized (lock) {
      if (!diskless) {
        return backlog;
      }
      long reachable = 0;
      for (Piece piece : memory.headMap(received.prefix()).values()) {
        reachable += piece.length();
      }
      return reachable;
    }
  }

  /**
   * The offset that every reader must be past so that, without a disk, {@link #load} falls below so
   * many bytes. Pieces are released whole, so a reader in the middle of one holds all of it.
   */
  long releasedBelow(long load) {
    synchronized (lock) {
      long left = load();
      long offset = 0;
      for (Piece piece : memory.headMap(received.prefix()).values()) {
        if (left < load) {
          break;
        }
        left -= piece.length();
        offset = piece.end();
      }
      return offset;
    }
  }

  /** Bytes that wait for the writer. */
  long backlog() {
    synchronized (lock) {
      return backlog;
    }
  }

  /**
   * The next consecutive pieces for the writer, about {@code limit} bytes.
   *
   * @param hashed up to where the hash has come; without a disk nothing behind a gap is given out,
   *     since it could not be read back
   */
  Optional<Batch> nextBatch(long limit, long hashed) {
    synchronized (lock) {
      Map.Entry<Long, Piece> first = unwritten.firstEntry();
      if (first == null || (diskless && first.getKey() > hashed)) {
        return Optional.empty();
      }
      List<Buffer> buffers = new ArrayList<>();
      long start = first.getKey();
      long end = start;
      while (first != null && first.getKey() == end && end - start < limit) {
        unwritten.remove(first.getKey());
        buffers.add(first.getValue().bytes());
        end = first.getValue().end();
        first = unwritten.firstEntry();
      }
      return Optional.of(new Batch(start, buffers, end - start));
    }
  }

  /** The writer cannot use the batch yet. */
  void putBack(Batch batch) {
    synchronized (lock) {
      unwritten.putAll(memory.subMap(batch.offset(), batch.end()));
    }
  }

  /**
   * The writer is through with the batch.
   *
   * @param written whether it is in the file now
   */
  void done(Batch batch, boolean written) {
    synchronized (lock) {
      if (written) {
        onDisk.add(batch.offset(), batch.end());
      }
      backlog -= batch.length();
      droppable.addAll(memory.subMap(batch.offset(), batch.end()).values());
      drop();
    }
  }

  /** From now on what arrives will not be in the file. */
  void keepInMemory() {
    synchronized (lock) {
      diskless = true;
    }
  }

  /** Every reader is past this offset; of interest without a disk only. */
  void release(long offset) {
    synchronized (lock) {
      released = Math.max(released, offset);
      drop();
    }
  }

  /** Whether the blob can be read from its start. */
  boolean reachesBack() {
    synchronized (lock) {
      return !diskless || released <= onDisk.prefix();
    }
  }

  @GuardedBy("lock")
  private void drop() {
    Piece oldest = droppable.peek();
    while (oldest != null && mayDrop(oldest)) {
      droppable.remove();
      if (memory.remove(oldest.start(), oldest)) {
        hold(-oldest.cost());
      }
      oldest = droppable.peek();
    }
  }

  @GuardedBy("lock")
  private boolean mayDrop(Piece piece) {
    boolean inFile = onDisk.endOfRunAt(piece.start()) >= piece.end();
    return inFile
        ? diskless || settled || inMemory > MEMORY || all.isTight()
        : settled || piece.end() <= released;
  }

  @GuardedBy("lock")
  private void hold(long more) {
    inMemory += more;
    all.add(more);
  }

  /** The blob is in the file, whole, or will never be: nothing need be in memory any more. */
  void settle() {
    synchronized (lock) {
      settled = true;
      drop();
    }
  }

  /** Bytes that may be sent from {@code from} on, as many as are in one place; empty if none. */
  Optional<Region> find(long from, long to) {
    synchronized (lock) {
      Map.Entry<Long, Piece> entry = memory.floorEntry(from);
      if (entry != null && entry.getValue().end() > from) {
        return Optional.of(new Region.OfBuffer(entry.getValue().part(from, to)));
      }
      long end = Math.min(Math.min(to, onDisk.endOfRunAt(from)), from + MAX_FILE_REGION);
      return end > from ? Optional.of(new Region.OfFile(file, from, end - from)) : Optional.empty();
    }
  }

  /** How many bytes have come. */
  long total() {
    synchronized (lock) {
      return received.total();
    }
  }

  /** How many bytes have come from the front without a gap. */
  long prefix() {
    synchronized (lock) {
      return received.prefix();
    }
  }

  /** What has not come, of a blob of this size. */
  List<PresentRanges.Range> gaps(long size) {
    return gaps(0, size);
  }

  /** What has not come of {@code [start, end)}. */
  List<PresentRanges.Range> gaps(long start, long end) {
    synchronized (lock) {
      return received.gaps(start, end);
    }
  }

  /** The offset after the last byte that has come. */
  long end() {
    synchronized (lock) {
      return received.end();
    }
  }

  /** Forgets everything, to begin again from scratch. */
  void clear() {
    synchronized (lock) {
      memory.clear();
      unwritten.clear();
      droppable.clear();
      hold(-inMemory);
      backlog = 0;
      received.clear();
      onDisk.clear();
      released = 0;
    }
  }
}
