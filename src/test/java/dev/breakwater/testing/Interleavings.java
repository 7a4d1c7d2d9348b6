package dev.breakwater.testing;

import org.jetbrains.lincheck.datastructures.ModelCheckingOptions;

/** Runs a few operations on two threads in many of their possible orders. */
public final class Interleavings {
  private static final int SCENARIOS = 8;
  private static final int ORDERS = 150;

  private Interleavings() {}

  /**
   * Fails, with a trace of both threads, if some order of steps gives results that no order of
   * whole operations would give.
   *
   * @param real has the operations, of which random ones are chosen; made anew for each run. It
   *     cannot use files, whose calls cannot be stepped through
   * @param model has methods of the same names, and is used by one thread
   */
  public static void check(Class<?> real, Class<?> model) {
    new ModelCheckingOptions()
        .threads(2)
        .actorsPerThread(2)
        .actorsBefore(0)
        .actorsAfter(1)
        .iterations(SCENARIOS)
        .invocationsPerIteration(ORDERS)
        .sequentialSpecification(model)
        .check(real);
  }
}
