package dev.breakwater.oci;

import java.util.Optional;

/**
 * The single byte range a client asked for, not yet measured against the content's size (RFC 9110
 * §14.1.2).
 *
 * @param first offset of the first byte, or -1 for a suffix
 * @param last offset of the last byte, or -1 for "to the end"; for a suffix its length
 */
public record RangeRequest(long first, long last) {
  private static final String UNIT = "bytes=";

  /**
   * Reads a {@code Range} header. Another unit than bytes is ignored as the RFC has it; so are
   * several ranges: a 200 with everything is what zstd:chunked and stargz clients accept in their
   * place, and it cannot be abused (many tiny overlapping ranges).
   *
   * @throws RegistryException {@code RANGE_INVALID} for a malformed byte range
   */
  public static Optional<RangeRequest> parse(String header) {
    String text = header.strip();
    if (!text.regionMatches(true, 0, UNIT, 0, UNIT.length())) {
      return Optional.empty();
    }
    String spec = text.substring(UNIT.length()).strip();
    if (spec.indexOf(',') >= 0) {
      return Optional.empty();
    }
    int dash = spec.indexOf('-');
    if (dash < 0) {
      throw invalid(header);
    }
    String from = spec.substring(0, dash).strip();
    String to = spec.substring(dash + 1).strip();
    if (from.isEmpty() && to.isEmpty()) {
      throw invalid(header);
    }
    RangeRequest range =
        new RangeRequest(
            from.isEmpty() ? -1 : number(from, header), to.isEmpty() ? -1 : number(to, header));
    if (range.first >= 0 && range.last >= 0 && range.last < range.first) {
      throw invalid(header);
    }
    return Optional.of(range);
  }

  /**
   * The bytes meant, for content of this size.
   *
   * @throws RegistryException {@code RANGE_INVALID} if there are none
   */
  public ByteRange resolve(long size) {
    if (first < 0) {
      if (last == 0 || size == 0) {
        throw unsatisfiable(size);
      }
      return new ByteRange(Math.max(0, size - last), size - 1);
    }
    if (first >= size) {
      throw unsatisfiable(size);
    }
    return new ByteRange(first, last < 0 ? size - 1 : Math.min(last, size - 1));
  }

  private static long number(String digits, String header) {
    if (digits.length() > 18 || !digits.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw invalid(header);
    }
    return Long.parseLong(digits);
  }

  private static RegistryException invalid(String header) {
    return new RegistryException(
        ErrorCode.RANGE_INVALID, "Range " + Quoted.of(header) + " is not a valid byte range");
  }

  private RegistryException unsatisfiable(long size) {
    return new RegistryException(
        ErrorCode.RANGE_INVALID,
        "the range asked for lies outside the content, which has " + size + " bytes");
  }
}
