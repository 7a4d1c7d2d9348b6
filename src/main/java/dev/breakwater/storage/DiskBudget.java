package dev.breakwater.storage;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * How much of the disk the cache may use. Space is reserved before it is written, so that any
 * number of downloads together stay within the bound. All numbers are bytes in whole blocks.
 * Thread-safe.
 */
public final class DiskBudget {
  /*
   * Everything below the data directory is counted in one of two ways:
   *
   *   content   blobs and what downloads wrote: exact. A reservation is taken before the first byte
   *             is written, settled to what is really there when the download ends, and given back
   *             when the last reader of a deleted file has closed it, not when its name went.
   *   others    the index and small files of ours: measured again before a reservation when the
   *             last measure is a second old. They grow meanwhile, so HEADROOM stays free for them.
   *
   * A reservation is granted if  content + others + headroom + wanted <= limit  and if the volume
   * keeps minFree after everything that was promised has been written. So what is on the disk never
   * exceeds the limit, unless the index alone grew by the headroom within a second.
   *
   * Who finds no room may wait a little (whenRoom) while the evictor deletes. It also deletes when
   * nothing waits, from HIGH down to LOW, so that hardly anything has to.
   */

  /** How long a download waits for room at the most. */
  public static final Duration PATIENCE = Duration.ofSeconds(5);

  /** Free bytes of the volume right now. */
  @FunctionalInterface
  public interface FreeSpace {
    /** Asks the file system. */
    long bytes() throws IOException;
  }

  /** What can delete content. */
  @FunctionalInterface
  public interface Evictor {
    /** There is something to look after; called from any thread and must not block. */
    void changed();
  }

  /** A download that waits for room. */
  private record Waiting(long bytes, CompletableFuture<Optional<Reservation>> answer) {}

  private final long limit;
  private final Watermarks watermarks;
  private final long minFree;
  private final long headroom;
  private final FreeSpace freeSpace;
  private final OtherFiles others;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private long content;

  /** Promised to downloads and not yet written; part of {@link #content}. */
  @GuardedBy("lock")
  private long unwritten;

  @GuardedBy("lock")
  private final Set<Waiting> waiting = new LinkedHashSet<>();

  private volatile @Nullable Evictor evictor;

  /** A budget for content alone. */
  public DiskBudget(long limit, long minFree, long used, FreeSpace freeSpace) {
    this(limit, minFree, used, freeSpace, () -> 0, 0);
  }

  /**
   * A budget for everything below a data directory.
   *
   * @param limit the most bytes of all files together
   * @param minFree bytes of the volume to be left to others
   * @param content the bytes of blobs and downloads that are there already
   * @param others measures all other files; blocking, never fails
   */
  public static DiskBudget ofEverything(
      long limit, long minFree, long content, FreeSpace freeSpace, LongSupplier others) {
    return new DiskBudget(
        limit, minFree, content, freeSpace, others, new Watermarks(limit).headroom());
  }

  private DiskBudget(
      long limit,
      long minFree,
      long content,
      FreeSpace freeSpace,
      LongSupplier others,
      long headroom) {
    this.limit = limit;
    this.watermarks = new Watermarks(limit);
    this.minFree = minFree;
    this.content = content;
    this.freeSpace = freeSpace;
    this.others = new OtherFiles(others);
    this.headroom = headroom;
  }

  /** Space that is held for one download. To be settled once. Thread-safe. */
  public final class Reservation {
    private long bytes;
    private long unwrittenHere;

    private Reservation(long bytes) {
      this.bytes = bytes;
      this.unwrittenHere = bytes;
    }

    /** Holds so many bytes more, or says that there is no room. Blocks for a look at the disk. */
    public boolean grow(long more) {
      Optional<Reservation> further = reserve(more);
      further.ifPresent(this::absorb);
      return further.isPresent();
    }

    private void absorb(Reservation other) {
      synchronized (lock) {
        bytes += other.bytes;
        unwrittenHere += other.unwrittenHere;
      }
    }

    /** How many bytes are held. */
    public long bytes() {
      synchronized (lock) {
        return bytes;
      }
    }

    /** So many of the bytes are on the disk now. */
    public void wrote(long written) {
      synchronized (lock) {
        long less = Math.min(written, unwrittenHere);
        unwrittenHere -= less;
        unwritten -= less;
      }
    }

    /** The download is over; so many bytes more than before it stay on the disk. */
    public void settle(long stay) {
      synchronized (lock) {
        content += stay - bytes;
        unwritten -= unwrittenHere;
        bytes = 0;
        unwrittenHere = 0;
      }
      changed();
    }
  }

  /** Says who can delete; from then on those who find no room may wait. */
  public void relieve(Evictor evictor) {
    this.evictor = evictor;
  }

  /** Holds space, or says that there is none. Blocks for a look at the file system. */
  public Optional<Reservation> reserve(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("nothing can take " + bytes + " bytes");
    }
    OptionalFree free = look();
    Optional<Reservation> reservation;
    boolean high;
    synchronized (lock) {
      reservation = tryReserve(bytes, free);
      high = total() > watermarks.high();
    }
    if (high) {
      changed();
    }
    return reservation;
  }

  /**
   * Holds space, waiting a few seconds for things to be deleted if need be; completes with nothing
   * if they were not, and at once if there is no hope. May complete on any thread.
   */
  public CompletableFuture<Optional<Reservation>> whenRoom(long bytes) {
    CompletableFuture<Optional<Reservation>> answer = new CompletableFuture<>();
    Waiting one = new Waiting(bytes, answer);
    Evictor eviction = evictor;
    synchronized (lock) {
      if (eviction == null || bytes > limit - others.bytes() - headroom) {
        return CompletableFuture.completedFuture(Optional.empty());
      }
      waiting.add(one);
    }
    eviction.changed();
    CompletableFuture.delayedExecutor(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
        .execute(() -> refuse(one));
    return answer;
  }

  /**
   * What refuses the download that waits first, if it still waits when this is run; empty if none
   * waits now.
   */
  public Optional<Runnable> refusalOfFirst() {
    synchronized (lock) {
      return waiting.stream().findFirst().map(one -> () -> refuse(one));
    }
  }

  private void refuse(Waiting one) {
    synchronized (lock) {
      if (!waiting.remove(one)) {
        return;
      }
    }
    one.answer().complete(Optional.empty());
  }

  /** Gives those who wait what there is room for by now, in order. Blocks for a look. */
  public void serve() {
    OptionalFree free = look();
    List<Runnable> answers = new ArrayList<>();
    synchronized (lock) {
      for (Iterator<Waiting> each = waiting.iterator(); each.hasNext(); ) {
        Waiting one = each.next();
        Optional<Reservation> reservation = tryReserve(one.bytes(), free);
        if (reservation.isEmpty()) {
          // Who comes later does not overtake, or a large blob would never get its turn.
          break;
        }
        each.remove();
        answers.add(() -> one.answer().complete(reservation));
      }
    }
    answers.forEach(Runnable::run);
  }

  /** Whether a download waits for room. */
  public boolean isAwaited() {
    synchronized (lock) {
      return !waiting.isEmpty();
    }
  }

  /**
   * How many bytes should be deleted now: for those who wait, or from the high watermark down to
   * the low one; 0 if none. Blocks for a look at the file system.
   */
  public long shortage() {
    OptionalFree free = look();
    synchronized (lock) {
      long wanted = 0;
      for (Waiting one : waiting) {
        wanted = Blocks.sum(wanted, one.bytes());
      }
      long total = total();
      long aboveLimit = Math.max(0, Blocks.sum(total, wanted) - limit);
      long aboveHigh = total > watermarks.high() ? total - watermarks.low() : 0;
      long spare = free.bytes - unwritten - minFree;
      long belowFree = spare < wanted ? wanted - spare + Watermarks.aboveFree(minFree) : 0;
      return Math.max(Math.max(aboveLimit, aboveHigh), free.known ? belowFree : 0);
    }
  }

  @GuardedBy("lock")
  private long total() {
    return content + others.bytes() + headroom;
  }

  @GuardedBy("lock")
  private Optional<Reservation> tryReserve(long bytes, OptionalFree free) {
    // In this form no sum of sizes can overflow.
    if (!free.known || bytes > limit - total() || bytes > free.bytes - unwritten - minFree) {
      return Optional.empty();
    }
    content += bytes;
    unwritten += bytes;
    return Optional.of(new Reservation(bytes));
  }

  /** What the file system says of the free space, if it says anything. */
  private record OptionalFree(boolean known, long bytes) {}

  private OptionalFree look() {
    others.refresh();
    try {
      return new OptionalFree(true, freeSpace.bytes());
    } catch (IOException e) {
      return new OptionalFree(false, 0);
    }
  }

  private void changed() {
    Evictor eviction = evictor;
    if (eviction != null) {
      eviction.changed();
    }
  }

  /** Limit and free space at present; empty if the file system does not tell. Blocks for a look. */
  public Optional<DiskStanding> standing() {
    OptionalFree free = look();
    synchronized (lock) {
      long spare = free.bytes - unwritten - minFree;
      return free.known
          ? Optional.of(
              new DiskStanding(limit, content + others.bytes(), unwritten, minFree, spare))
          : Optional.empty();
    }
  }

  /** Bytes of everything, reservations included. */
  public long used() {
    synchronized (lock) {
      return content + others.bytes();
    }
  }

  /** Bytes of blobs and downloads, reservations included. */
  public long content() {
    synchronized (lock) {
      return content;
    }
  }

  /** The bound. */
  public long limit() {
    return limit;
  }

  /** So many bytes of blobs or left downloads are gone from the disk. */
  public void freed(long bytes) {
    synchronized (lock) {
      content -= bytes;
    }
    changed();
  }
}
