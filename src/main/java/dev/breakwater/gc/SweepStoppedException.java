package dev.breakwater.gc;

import java.io.Serial;

/** A sweep was told to stop; what it has done so far stands. */
final class SweepStoppedException extends RuntimeException {
  @Serial private static final long serialVersionUID = 1L;

  SweepStoppedException() {
    super("garbage collection was stopped", null, false, false);
  }
}
