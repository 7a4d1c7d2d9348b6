package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.management.MemoryUsage;
import org.junit.jupiter.api.Test;

class OldGenerationTest {
  private static final int INITIAL = 40 << 20;

  @Test
  void garbageIsCollectedBeforeTheHeapGrows() {
    assertThat(isDue(29 << 20, 10 << 20)).isFalse();
    assertThat(isDue(31 << 20, 10 << 20)).isTrue();
    assertThat(isDue(31 << 20, 0)).isTrue();
  }

  @Test
  void whatIsAliveDoesNotCauseOneCollectionAfterTheOther() {
    assertThat(isDue(60 << 20, 40 << 20)).isFalse();
    assertThat(isDue(81 << 20, 40 << 20)).isTrue();
  }

  private static boolean isDue(long used, long live) {
    return OldGeneration.isDue(
        new MemoryUsage(INITIAL, used, Math.max(used, INITIAL), 88 << 20),
        new MemoryUsage(INITIAL, live, Math.max(live, INITIAL), 88 << 20));
  }
}
