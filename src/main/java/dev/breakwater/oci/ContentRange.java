package dev.breakwater.oci;

import java.util.Optional;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The {@code Content-Range} of a 206 answer: {@code bytes first-last/total}, where the total may be
 * {@code *}.
 *
 * @param range the bytes that follow
 * @param total the size of the whole content, if the server said
 */
public record ContentRange(ByteRange range, OptionalLong total) {
  private static final Pattern SYNTAX =
      Pattern.compile("bytes ([0-9]{1,18})-([0-9]{1,18})/([0-9]{1,18}|\\*)");

  /** Reads the header; empty if it is malformed or contradicts itself. */
  public static Optional<ContentRange> parse(String header) {
    Matcher matcher = SYNTAX.matcher(header.strip());
    if (!matcher.matches()) {
      return Optional.empty();
    }
    long first = Long.parseLong(matcher.group(1));
    long last = Long.parseLong(matcher.group(2));
    OptionalLong total =
        matcher.group(3).equals("*")
            ? OptionalLong.empty()
            : OptionalLong.of(Long.parseLong(matcher.group(3)));
    if (last < first || (total.isPresent() && last >= total.getAsLong())) {
      return Optional.empty();
    }
    return Optional.of(new ContentRange(new ByteRange(first, last), total));
  }
}
