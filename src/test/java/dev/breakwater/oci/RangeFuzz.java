package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.FuzzText;
import java.math.BigInteger;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code Range} and {@code Content-Range}, against RFC 9110 §14 with numbers of any length. */
public final class RangeFuzz {
  private static final Pattern UNIT =
      Pattern.compile("bytes=(.*)", Pattern.CASE_INSENSITIVE | Pattern.DOTALL);
  private static final String SPACE = "[\\s\\x1c-\\x1f]*";
  private static final String DIGITS = SPACE + "([0-9]{0,18})" + SPACE;
  private static final Pattern ONE = Pattern.compile(DIGITS + "-" + DIGITS);
  private static final long[] SIZES = {0, 1, 10, 1 << 20, 32L << 30, Long.MAX_VALUE};

  private RangeFuzz() {}

  /** A header, taken for both. */
  public static void fuzzerTestOneInput(byte[] input) {
    String header = FuzzText.of(input);
    checkRange(header);
    ContentRange.parse(header).ifPresent(RangeFuzz::checkContentRange);
  }

  private static void checkRange(String header) {
    Matcher unit = UNIT.matcher(header.strip());
    boolean counts = unit.matches() && unit.group(1).indexOf(',') < 0;
    Optional<RangeRequest> found;
    try {
      found = RangeRequest.parse(header);
    } catch (RegistryException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.RANGE_INVALID);
      assertThat(counts && isRange(unit.group(1))).as(header).isFalse();
      return;
    }
    assertThat(found.isPresent()).as(header).isEqualTo(counts && isRange(unit.group(1)));
    if (found.isPresent()) {
      Matcher one = ONE.matcher(unit.group(1));
      assertThat(one.matches()).isTrue();
      for (long size : SIZES) {
        checkBytes(found.get(), size, one.group(1), one.group(2));
      }
    }
  }

  private static boolean isRange(String text) {
    Matcher one = ONE.matcher(text);
    if (!one.matches() || (one.group(1).isEmpty() && one.group(2).isEmpty())) {
      return false;
    }
    return one.group(1).isEmpty()
        || one.group(2).isEmpty()
        || new BigInteger(one.group(1)).compareTo(new BigInteger(one.group(2))) <= 0;
  }

  private static void checkBytes(RangeRequest range, long size, String from, String to) {
    BigInteger end = BigInteger.valueOf(size).subtract(BigInteger.ONE);
    BigInteger first =
        from.isEmpty()
            ? BigInteger.valueOf(size).subtract(new BigInteger(to)).max(BigInteger.ZERO)
            : new BigInteger(from);
    BigInteger last = from.isEmpty() || to.isEmpty() ? end : new BigInteger(to).min(end);
    boolean any = first.compareTo(last) <= 0 && first.compareTo(end) <= 0;
    try {
      ByteRange bytes = range.resolve(size);
      assertThat(any).isTrue();
      assertThat(bytes).isEqualTo(new ByteRange(first.longValueExact(), last.longValueExact()));
      assertThat(ContentRange.parse(bytes.contentRange(size)).map(ContentRange::range))
          .isEqualTo(size > 999_999_999_999_999_999L ? Optional.empty() : Optional.of(bytes));
    } catch (RegistryException e) {
      assertThat(any).isFalse();
    }
  }

  private static void checkContentRange(ContentRange found) {
    assertThat(found.range().length()).isPositive();
    assertThat(found.range().end()).isLessThanOrEqualTo(found.total().orElse(Long.MAX_VALUE));
    found
        .total()
        .ifPresent(
            total ->
                assertThat(ContentRange.parse(found.range().contentRange(total))).contains(found));
  }
}
