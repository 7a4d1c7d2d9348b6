package dev.breakwater.mirror.download;

import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.PartFile;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * What one download holds of the disk's budget: no byte is written that no room is held for,
 * whatever was said of the size. Used by one thread at a time.
 */
final class HeldSpace {
  /** What is held for a blob of unknown size. */
  static final long UNKNOWN_SIZE = 256 * 1024 * 1024;

  /** What is held at once beyond that, or beyond a size that turned out to be wrong. */
  private static final long GROWTH = 16 * 1024 * 1024;

  private final DiskBudget budget;
  private final long found;
  private DiskBudget.@Nullable Reservation held;

  /**
   * Holds nothing.
   *
   * @param found bytes on the disk that an earlier download left, which are counted already
   */
  HeldSpace(DiskBudget budget, long found) {
    this.budget = budget;
    this.found = found;
  }

  private long wanted(long size) {
    return Math.max(0, PartFile.bytesToReserve(size < 0 ? UNKNOWN_SIZE : size) - found);
  }

  /** Whether there is room now for a blob of this size, or -1; it is held then. */
  boolean tryHold(long size) {
    return hold(budget.reserve(wanted(size)));
  }

  /** Completes, on any thread, when the cache has made room, or with nothing if it cannot. */
  CompletableFuture<Optional<DiskBudget.Reservation>> whenRoom(long size) {
    return budget.whenRoom(wanted(size));
  }

  /** Takes what {@link #whenRoom} has brought; false if that is nothing. */
  boolean hold(Optional<DiskBudget.Reservation> room) {
    held = room.orElse(null);
    return room.isPresent();
  }

  /** Whether room is held for a file of so many bytes; more is taken if there is some. */
  boolean covers(long end) {
    DiskBudget.Reservation room = held;
    long missing = PartFile.bytesToReserve(end) - found - (room == null ? 0 : room.bytes());
    return missing <= 0 || (room != null && (room.grow(missing + GROWTH) || room.grow(missing)));
  }

  /** So many bytes are on the disk now. */
  void wrote(long bytes) {
    if (held != null) {
      held.wrote(bytes);
    }
  }

  /**
   * The download is over and holds nothing more.
   *
   * @param stay bytes that are on the disk now, in whole blocks
   */
  void settle(long stay) {
    if (held != null) {
      held.settle(stay - found);
      held = null;
    } else if (stay != found) {
      // An earlier download's bytes have gone.
      budget.freed(found - stay);
    }
  }
}
