package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.storage.PresentRanges.Range;
import java.util.BitSet;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

class PresentRangesTest {
  @Test
  void touchingRangesBecomeOne() {
    PresentRanges ranges = new PresentRanges();
    ranges.add(10, 20);
    ranges.add(0, 5);
    ranges.add(5, 10);
    assertThat(ranges.runs()).containsExactly(new Range(0, 20));
    assertThat(ranges.prefix()).isEqualTo(20);
  }

  @Property
  void itIsASetOfOffsets(
      @ForAll @Size(max = 30) List<@IntRange(min = 0, max = 63) Integer> numbers) {
    PresentRanges ranges = new PresentRanges();
    BitSet model = new BitSet();
    for (int i = 0; i + 1 < numbers.size(); i += 2) {
      int start = Math.min(numbers.get(i), numbers.get(i + 1));
      int end = Math.max(numbers.get(i), numbers.get(i + 1));
      ranges.add(start, end);
      model.set(start, end);
    }
    assertThat(ranges.total()).isEqualTo(model.cardinality());
    assertThat(ranges.prefix()).isEqualTo(model.nextClearBit(0));
    for (int at = 0; at < 64; at++) {
      assertThat(ranges.endOfRunAt(at)).isEqualTo(model.get(at) ? model.nextClearBit(at) : at);
    }
    BitSet gaps = new BitSet();
    ranges.gaps(0, 64).forEach(gap -> gaps.set((int) gap.start(), (int) gap.end()));
    gaps.flip(0, 64);
    assertThat(gaps).isEqualTo(model);
  }
}
