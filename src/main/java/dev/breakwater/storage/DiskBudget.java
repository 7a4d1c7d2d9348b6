package dev.breakwater.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.util.Optional;

/**
 * How much of the disk the cache may use. Space is reserved before it is written, so that any
 * number of downloads together stay within the bound. Thread-safe.
 */
public final class DiskBudget {
  /** Free bytes of the volume right now. */
  @FunctionalInterface
  public interface FreeSpace {
    /** Asks the file system. */
    long bytes() throws IOException;
  }

  private final long limit;
  private final long minFree;
  private final FreeSpace freeSpace;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private long used;

  /** Promised to downloads and not yet all written; part of {@link #used}. */
  @GuardedBy("lock")
  private long reserved;

  /**
   * A budget.
   *
   * @param limit the most bytes of blobs and downloads together
   * @param minFree bytes of the volume to be left to others
   * @param used what is there already
   */
  public DiskBudget(long limit, long minFree, long used, FreeSpace freeSpace) {
    this.limit = limit;
    this.minFree = minFree;
    this.used = used;
    this.freeSpace = freeSpace;
  }

  /** Space that is held for one download. */
  public final class Reservation {
    private long bytes;

    private Reservation(long bytes) {
      this.bytes = bytes;
    }

    /** The download is over; so many bytes more than before it stay on the disk. */
    public void settle(long stay) {
      synchronized (lock) {
        used += stay - bytes;
        reserved -= bytes;
        bytes = 0;
      }
    }
  }

  /** Holds space, or says that there is none. Blocks for a look at the file system. */
  public Optional<Reservation> reserve(long bytes) {
    long free;
    try {
      free = freeSpace.bytes();
    } catch (IOException e) {
      return Optional.empty();
    }
    synchronized (lock) {
      if (used + bytes > limit || free - reserved - bytes < minFree) {
        return Optional.empty();
      }
      used += bytes;
      reserved += bytes;
      return Optional.of(new Reservation(bytes));
    }
  }

  /** Bytes of blobs and downloads, reservations included. */
  public long used() {
    synchronized (lock) {
      return used;
    }
  }

  /** The bound. */
  public long limit() {
    return limit;
  }

  /** A blob has been deleted. */
  public void freed(long bytes) {
    synchronized (lock) {
      used -= bytes;
    }
  }
}
