package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.registry.Provenance;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class CacheStatusTest {
  /** A member of RFC 9211's list: a token, then parameters of RFC 8941 §3.1.2. */
  private static final String SYNTAX =
      "breakwater(; [a-z][a-z-]*"
          + "(=(-?[0-9]{1,15}|[A-Za-z*][A-Za-z0-9!#$%&'*+.^_`|~:/-]*"
          + "|\"([ !#-\\[\\]-~]|\\\\[\"\\\\])*\"))?)*";

  static Stream<Arguments> table() {
    return Stream.of(
        Arguments.of(Provenance.HIT, true, "breakwater; hit"),
        Arguments.of(Provenance.hit(376), true, "breakwater; hit; ttl=376"),
        Arguments.of(Provenance.hit(0), true, "breakwater; hit; ttl=0"),
        Arguments.of(Provenance.MISS, true, "breakwater; fwd=uri-miss; fwd-status=200; stored"),
        Arguments.of(Provenance.MISS, false, "breakwater; fwd=uri-miss; fwd-status=200"),
        Arguments.of(
            Provenance.COLLAPSED,
            true,
            "breakwater; fwd=uri-miss; fwd-status=200; stored; collapsed"),
        Arguments.of(
            Provenance.stale("upstream-timeout"),
            true,
            "breakwater; fwd=stale; detail=upstream-timeout"),
        Arguments.of(
            Provenance.stale("no route \"x\""),
            true,
            "breakwater; fwd=stale; detail=\"no route \\\"x\\\"\""),
        Arguments.of(
            Provenance.revalidated(60), true, "breakwater; fwd=stale; fwd-status=200; ttl=60"),
        Arguments.of(
            new Provenance(CacheResult.NEGATIVE, 9, 0, "negative"),
            true,
            "breakwater; hit; ttl=9; detail=negative"));
  }

  @ParameterizedTest
  @MethodSource("table")
  void provenanceReadsAsTheRfcHasIt(Provenance provenance, boolean stores, String expected) {
    assertThat(CacheStatus.of(provenance, stores)).isEqualTo(expected);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyErrorHasAWellFormedHeader(ErrorCode code) {
    assertThat(CacheStatus.of(code)).matches(SYNTAX);
  }

  @Property
  void everyHeaderIsWellFormedAndNeverSaysHitAndForwardedAtOnce(
      @ForAll CacheResult result,
      @ForAll @LongRange(min = -1, max = 100_000) long ttl,
      @ForAll String detail,
      @ForAll boolean stores) {
    String header = CacheStatus.of(new Provenance(result, ttl, 200, detail), stores);

    assertThat(header).matches(SYNTAX);
    assertThat(header.contains("; hit") && header.contains("; fwd=")).isFalse();
  }
}
