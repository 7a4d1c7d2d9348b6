package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.PresentRanges;
import io.vertx.core.buffer.Buffer;
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
   * A piece that arrives is at once readable from memory and waits for the disk. Once written it
   * stays in memory for a while, so that readers who keep up never touch the file; the oldest
   * written pieces are dropped when memory holds more than MEMORY. Readers who lag read the file.
   * A reader therefore never waits for the disk, and the disk never waits for a reader.
   *
   * Pieces not yet written are bounded by the fill, which pauses upstream (see backlog()).
   */

  /** How much of the newest bytes stays in memory for readers that keep up. */
  private static final long MEMORY = 1024 * 1024;

  /** The most that is handed to the kernel at once, so that many readers share the connection. */
  private static final long MAX_FILE_REGION = 4 * 1024 * 1024;

  /** A piece in memory; {@code written} once the file has it too. */
  private static final class Piece {
    final long start;
    final Buffer bytes;
    boolean written;

    Piece(long start, Buffer bytes) {
      this.start = start;
      this.bytes = bytes;
    }

    long end() {
      return start + bytes.length();
    }
  }

  /** Consecutive pieces on their way to the disk. */
  record Batch(long offset, List<Buffer> buffers, long length) {}

  private final PartFile part;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final TreeMap<Long, Piece> memory = new TreeMap<>();

  /** In order of arrival; what was written and is next to be dropped stands first. */
  @GuardedBy("lock")
  private final Deque<Piece> arrivals = new ArrayDeque<>();

  @GuardedBy("lock")
  private final Deque<Piece> unwritten = new ArrayDeque<>();

  @GuardedBy("lock")
  private long inMemory;

  @GuardedBy("lock")
  private long backlog;

  @GuardedBy("lock")
  private final PresentRanges received = new PresentRanges();

  @GuardedBy("lock")
  private final PresentRanges onDisk = new PresentRanges();

  GrowingBlob(PartFile part) {
    this.part = part;
    synchronized (lock) {
      for (PresentRanges.Range run : part.present().runs()) {
        received.add(run.start(), run.end());
        onDisk.add(run.start(), run.end());
      }
    }
  }

  /** Takes what has arrived; returns how many bytes now wait for the disk. */
  long add(long offset, Buffer bytes) {
    synchronized (lock) {
      Piece piece = new Piece(offset, bytes);
      Piece replaced = memory.put(offset, piece);
      if (replaced != null) {
        inMemory -= replaced.bytes.length();
      }
      arrivals.add(piece);
      unwritten.add(piece);
      inMemory += bytes.length();
      backlog += bytes.length();
      received.add(offset, piece.end());
      return backlog;
    }
  }

  /** The next consecutive pieces to write, at most {@code limit} bytes; empty if there are none. */
  Optional<Batch> nextBatch(long limit) {
    synchronized (lock) {
      Piece first = unwritten.poll();
      if (first == null) {
        return Optional.empty();
      }
      List<Buffer> buffers = new ArrayList<>();
      buffers.add(first.bytes);
      long end = first.end();
      Piece next = unwritten.peek();
      while (next != null && next.start == end && end - first.start < limit) {
        unwritten.remove();
        buffers.add(next.bytes);
        end = next.end();
        next = unwritten.peek();
      }
      return Optional.of(new Batch(first.start, buffers, end - first.start));
    }
  }

  /** The batch is in the file; returns how many bytes still wait for it. */
  long written(Batch batch) {
    synchronized (lock) {
      onDisk.add(batch.offset(), batch.offset() + batch.length());
      backlog -= batch.length();
      for (Piece piece : memory.subMap(batch.offset(), batch.offset() + batch.length()).values()) {
        piece.written = true;
      }
      Piece oldest = arrivals.peek();
      while (oldest != null && oldest.written && inMemory > MEMORY) {
        arrivals.remove();
        if (memory.remove(oldest.start, oldest)) {
          inMemory -= oldest.bytes.length();
        }
        oldest = arrivals.peek();
      }
      return backlog;
    }
  }

  /** Bytes that may be sent from {@code from} on, as many as are in one place; empty if none. */
  Optional<Region> find(long from, long to) {
    synchronized (lock) {
      Map.Entry<Long, Piece> entry = memory.floorEntry(from);
      if (entry != null && entry.getValue().end() > from) {
        Piece piece = entry.getValue();
        int start = (int) (from - piece.start);
        int end = (int) (Math.min(to, piece.end()) - piece.start);
        Buffer bytes =
            start == 0 && end == piece.bytes.length() ? piece.bytes : piece.bytes.slice(start, end);
        return Optional.of(new Region.OfBuffer(bytes));
      }
      long end = Math.min(Math.min(to, onDisk.endOfRunAt(from)), from + MAX_FILE_REGION);
      return end > from
          ? Optional.of(new Region.OfFile(part.file().channel(), from, end - from))
          : Optional.empty();
    }
  }

  /** How many bytes are here. */
  long total() {
    synchronized (lock) {
      return received.total();
    }
  }

  /** How many bytes are here from the front without a gap. */
  long prefix() {
    synchronized (lock) {
      return received.prefix();
    }
  }

  /** What is not here, of a blob of this size. */
  List<PresentRanges.Range> gaps(long size) {
    synchronized (lock) {
      return received.gaps(size);
    }
  }

  /** Forgets everything, to begin again from scratch. */
  void clear() {
    synchronized (lock) {
      memory.clear();
      arrivals.clear();
      unwritten.clear();
      inMemory = 0;
      backlog = 0;
      received.clear();
      onDisk.clear();
    }
  }
}
