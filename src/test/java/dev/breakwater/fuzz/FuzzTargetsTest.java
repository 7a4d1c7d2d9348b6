package dev.breakwater.fuzz;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * All fuzz targets with their seeds, and with seeds changed at random: a quick look before {@link
 * CoverageGuidedFuzzTest}.
 */
class FuzzTargetsTest {
  private static final int ROUNDS = Integer.getInteger("fuzz.rounds", 3000);
  private static final long SEED = Long.getLong("breakwater.seed", 20261127);

  @TestFactory
  @Timeout(value = 60, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  Stream<DynamicTest> targetsHoldForTheirSeedsAndForChangedOnes() {
    return FuzzTargets.ALL.stream()
        .map(target -> DynamicTest.dynamicTest(target.getSimpleName(), () -> run(target)));
  }

  private static void run(Class<?> target) throws Exception {
    List<byte[]> seeds = FuzzTargets.seeds(target);
    for (byte[] seed : seeds) {
      check(target, seed);
    }
    Mutator mutator = new Mutator(new Random(SEED), seeds);
    for (int round = 0; round < ROUNDS; round++) {
      check(target, mutator.next());
    }
  }

  private static void check(Class<?> target, byte[] input) {
    try {
      FuzzTargets.run(target, input);
    } catch (Throwable failure) {
      throw new AssertionError(
          "with breakwater.seed "
              + SEED
              + " the input "
              + HexFormat.of().formatHex(input)
              + ": "
              + new String(input, StandardCharsets.ISO_8859_1),
          failure);
    }
  }
}
