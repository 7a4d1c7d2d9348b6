package dev.breakwater.gc;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * I/O errors of single files in one round of work: each is left out and the work goes on with the
 * others, until so many have failed that it is the disk and not the files. Used by one thread.
 */
final class Refusals {
  /** After so many failures the rest is not tried. */
  private static final int MOST = 16;

  /** Something about one file. */
  @FunctionalInterface
  interface Attempt {
    /** Whether it was done. */
    boolean run() throws IOException;
  }

  private @Nullable IOException first;
  private int count;

  /**
   * Does it; false if the disk refused.
   *
   * @throws IOException if the disk has refused too often
   */
  boolean attempt(Attempt attempt) throws IOException {
    try {
      return attempt.run();
    } catch (IOException e) {
      add(e);
      return false;
    }
  }

  /**
   * Notes a failure.
   *
   * @throws IOException if the disk has refused too often
   */
  void add(IOException failure) throws IOException {
    count++;
    if (first == null) {
      first = failure;
    }
    if (count >= MOST) {
      throw failure;
    }
  }

  /**
   * To be called at the end of the round.
   *
   * @throws IOException the first failure, if there was any
   */
  void report() throws IOException {
    IOException failure = first;
    if (failure != null) {
      throw new IOException(count + " files failed, the first: " + failure, failure);
    }
  }
}
