package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RangeTest {
  @ParameterizedTest
  @CsvSource({
    "bytes=500-1499,500,1499",
    "bytes=500-,500,2047",
    "bytes=-500,1548,2047",
    "bytes=2000-5000,2000,2047",
    "bytes=0-,0,2047",
    "bytes=0-0,0,0",
    "bytes=-9999,0,2047",
    "Bytes = 1-2,1,2",
    "bytes=2047-2047,2047,2047",
  })
  void aRangeIsCutToTheContent(String header, long first, long last) {
    assertThat(RangeRequest.parse(header.replace(" ", "")).orElseThrow().resolve(2048))
        .isEqualTo(new ByteRange(first, last));
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=2048-", "bytes=5000-10000", "bytes=-0"})
  void aRangeOutsideTheContentIsUnsatisfiable(String header) {
    assertUnsatisfiable(() -> RangeRequest.parse(header).orElseThrow().resolve(2048));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes=500-0",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=--1",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1",
        "bytes=99999999999999999999-",
        "bytes=\u0661-2"
      })
  void aMalformedRangeIsRefused(String header) {
    assertUnsatisfiable(() -> RangeRequest.parse(header));
  }

  @ParameterizedTest
  @ValueSource(strings = {"items=0-1", "bytes=0-1,5-6", "bytes=0-1,", "", "bytes"})
  void otherUnitsAndSeveralRangesAreAnsweredWithEverything(String header) {
    assertThat(RangeRequest.parse(header)).isEmpty();
  }

  @Test
  void noRangeFitsEmptyContent() {
    assertUnsatisfiable(() -> RangeRequest.parse("bytes=0-").orElseThrow().resolve(0));
    assertUnsatisfiable(() -> RangeRequest.parse("bytes=-1").orElseThrow().resolve(0));
  }

  @Property
  void aResolvedRangeLiesWithinTheContent(
      @ForAll @IntRange(min = 0, max = 3000) int first,
      @ForAll @IntRange(min = 0, max = 3000) int last,
      @ForAll @IntRange(min = 1, max = 2500) int size) {
    try {
      ByteRange range =
          RangeRequest.parse("bytes=" + first + "-" + last).orElseThrow().resolve(size);
      assertThat(range.first()).isEqualTo(first);
      assertThat(range.last()).isEqualTo(Math.min(last, size - 1));
      assertThat(ContentRange.parse(range.contentRange(size)).orElseThrow().range())
          .isEqualTo(range);
    } catch (RegistryException e) {
      assertThat(first > last || first >= size).isTrue();
    }
  }

  @Property
  void anyHeaderIsARangeOrARegistryException(@ForAll String text) {
    try {
      assertThat(RangeRequest.parse(text)).isNotNull();
    } catch (RegistryException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.RANGE_INVALID);
    }
    assertThat(ContentRange.parse(text)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "bytes 5-4/10",
        "bytes 0-10/10",
        "bytes 0-/10",
        "bytes */10",
        "0-1/2",
        "bytes 0-1",
        "bytes=0-1/2",
        "bytes 0-1/2x",
        "items 0-1/2"
      })
  void aContentRangeThatContradictsItselfIsNone(String header) {
    assertThat(ContentRange.parse(header)).isEmpty();
  }

  @Test
  void aContentRangeNeedNotKnowTheTotal() {
    assertThat(ContentRange.parse("bytes 5-9/*").orElseThrow().total()).isEmpty();
    assertThat(ContentRange.parse("bytes 5-9/10").orElseThrow().total()).hasValue(10);
  }

  private static void assertUnsatisfiable(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RANGE_INVALID));
  }
}
