package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LongTableTest {
  private static final int MANY = 10_000;

  private final LongTable table = new LongTable();

  @Test
  void numbersAndMembersWithoutOneAreKeptThroughGrowth() {
    for (long key = 1; key <= MANY; key++) {
      table.add(key);
    }
    for (long key = MANY + 1; key <= 2 * MANY; key++) {
      assertThat(table.put(key, key * 3)).isTrue();
    }
    for (long key = 1; key <= MANY; key++) {
      assertThat(table.contains(key)).isTrue();
      assertThat(table.get(key)).isZero();
      assertThat(table.get(MANY + key)).isEqualTo((MANY + key) * 3);
    }
    assertThat(table.size()).isEqualTo(2 * MANY);
    assertThat(table.contains(2 * MANY + 1)).isFalse();
  }

  @Test
  void numberIsReplacedAlsoByZero() {
    assertThat(table.put(7, 5)).isTrue();
    assertThat(table.put(7, 0)).isFalse();
    assertThat(table.get(7)).isZero();
    assertThat(table.size()).isEqualTo(1);
  }
}
