package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Interleavings;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jetbrains.lincheck.datastructures.Operation;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** What was used is known at any time, from memory or from the index. */
@Tag("slow")
class RecentUseInterleavingTest {
  private static final Digest BLOB = Digest.ofSha256(new byte[] {1});

  @Test
  void aUseIsNeverForgottenWhileUsesAreWrittenDown() {
    Interleavings.check(Real.class, Model.class);
  }

  /** As the requests, the sweep and the writer of usage do it. */
  public static final class Real {
    private final RecentUse recent = new RecentUse();
    private final Set<Digest> index = ConcurrentHashMap.newKeySet();

    @Operation
    public void use() {
      recent.blob(BLOB, 1);
    }

    /** In this order, or a use could be in neither. */
    @Operation
    public boolean isUsed() {
      return recent.isRecent(BLOB) || index.contains(BLOB);
    }

    @Operation(nonParallelGroup = "writer")
    public void write() {
      index.addAll(recent.take().blobs().keySet());
      recent.written();
    }
  }

  /** What it does if only one thread does something at a time. */
  public static final class Model {
    private boolean used;

    public void use() {
      used = true;
    }

    public boolean isUsed() {
      return used;
    }

    public void write() {
      // Changes nothing that is seen.
    }
  }
}
