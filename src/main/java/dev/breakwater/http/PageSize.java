package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RegistryException;
import java.util.OptionalInt;

/** How many entries of a list a client wants at once: the parameter {@code n}. */
final class PageSize {
  /** The longest page there is, however much is asked for (CVE-2023-2253). */
  static final int MAX = 1000;

  private PageSize() {}

  /**
   * What is asked for, {@link #MAX} at the most; empty if nothing is.
   *
   * @throws RegistryException {@code PAGINATION_NUMBER_INVALID} if it is no number
   */
  static OptionalInt of(Query query) {
    return query.single("n").map(text -> OptionalInt.of(parse(text))).orElse(OptionalInt.empty());
  }

  private static int parse(String text) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      throw invalid("n", text, "a number of entries");
    }
    String digits = text.replaceFirst("^0+", "");
    if (digits.isEmpty()) {
      return 0;
    }
    return digits.length() > 4 ? MAX : Math.min(MAX, Integer.parseInt(digits));
  }

  static RegistryException invalid(String name, String text, String expected) {
    return new RegistryException(
        ErrorCode.PAGINATION_NUMBER_INVALID, name + "=" + Quoted.of(text) + " is not " + expected);
  }
}
