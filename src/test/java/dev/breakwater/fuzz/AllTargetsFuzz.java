package dev.breakwater.fuzz;

import java.util.Arrays;
import java.util.List;

/**
 * All targets as one, or the one that the system property {@code fuzz.target} names: the first byte
 * of an input chooses the target that gets the others.
 */
public final class AllTargetsFuzz {
  private static final List<Class<?>> TARGETS =
      FuzzTargets.chosen(System.getProperty("fuzz.target", ""));

  private AllTargetsFuzz() {}

  /** Loads the classes before inputs are timed. */
  public static void fuzzerInitialize() throws Throwable {
    for (byte[] seed : FuzzTargets.seeds(TARGETS)) {
      fuzzerTestOneInput(seed);
    }
  }

  /** One byte that chooses, then the target's input. */
  public static void fuzzerTestOneInput(byte[] input) throws Throwable {
    if (input.length > 0) {
      FuzzTargets.run(
          TARGETS.get((input[0] & 0xff) % TARGETS.size()),
          Arrays.copyOfRange(input, 1, input.length));
    }
  }
}
