package dev.breakwater.storage;

import dev.breakwater.testing.Interleavings;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Any number of downloads together stay within the bound, and no room gets lost. */
@Tag("slow")
class DiskBudgetInterleavingTest {
  private static final long LIMIT = 3;

  @Test
  void reservationsTogetherStayWithinTheBound() {
    Interleavings.check(Real.class, Model.class);
  }

  /** Reservations of a small budget, some of which are given back. */
  public static final class Real {
    private final DiskBudget budget = new DiskBudget(LIMIT, 0, 0, () -> Long.MAX_VALUE / 4);

    @Operation
    public boolean reserveTwo() {
      return budget.reserve(2).isPresent();
    }

    /** A download that ends. */
    @Operation
    public boolean store() {
      var room = budget.reserve(1);
      room.ifPresent(held -> held.settle(1));
      return room.isPresent();
    }

    @Operation
    public void evictOne() {
      budget.freed(1);
    }

    @Operation
    public long used() {
      return budget.used();
    }
  }

  /** The same by plain arithmetic. */
  public static final class Model {
    private long used;

    public boolean reserveTwo() {
      return add(2);
    }

    public boolean store() {
      return add(1);
    }

    public void evictOne() {
      used--;
    }

    public long used() {
      return used;
    }

    private boolean add(long bytes) {
      boolean isRoom = bytes <= LIMIT - used;
      used += isRoom ? bytes : 0;
      return isRoom;
    }
  }
}
