package dev.breakwater.testing;

import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;

/**
 * Rules as text, for the command line: {@code WHERE=FAULT,FAULT…*TIMES}, as in {@code
 * blob=cut:5M:rst*2} or {@code /v2/.*=status:503}.
 */
final class FaultNotation {
  /** What may be written. */
  static final String GRAMMAR =
      """
      WHERE  any, manifest, blob, tags, referrers, token, ping, challenged, cdn, or a path regex /…
      FAULT  status:N  429  429:SECONDS  header:NAME:VALUE  type:TEXT  delay:TIME  stall  stall:N
             cut:N:fin|rst  hangup:fin|rst  rate:SIZE  drip:N:TIME  wrong:N  truncate:N  extra:N
             length:N  nolength  chunked  endless  norange  range:TEXT  redirect:URL  loop
             realm:URL  html  random:SEED
      SIZE   as 500, 20M, 1G (N may be a size too); TIME as 100ms, 5s, 2m
      """;

  private FaultNotation() {}

  /** Puts the rule that the text describes into effect. */
  static void apply(FaultyRegistry registry, String text) {
    int equals = text.indexOf('=');
    if (equals < 1) {
      throw new IllegalArgumentException("fault '" + text + "' has no '=': write WHERE=FAULT");
    }
    String faults = text.substring(equals + 1);
    int star = faults.lastIndexOf('*');
    int times = Integer.MAX_VALUE;
    if (star >= 0 && faults.substring(star + 1).matches("[0-9]{1,9}")) {
      times = Integer.parseInt(faults.substring(star + 1));
      faults = faults.substring(0, star);
    }
    Fault all =
        Arrays.stream(faults.split(",", -1))
            .map(FaultNotation::fault)
            .reduce(Fault::and)
            .orElseThrow();
    registry.on(where(text.substring(0, equals))).times(times).then(all);
  }

  private static RequestMatcher where(String text) {
    return switch (text) {
      case "any" -> RequestMatcher.any();
      case "manifest" -> RequestMatcher.manifest();
      case "blob" -> RequestMatcher.blobBytes();
      case "tags" -> RequestMatcher.tags();
      case "referrers" -> RequestMatcher.referrers();
      case "token" -> RequestMatcher.token();
      case "ping" -> RequestMatcher.ping();
      case "challenged" -> RequestMatcher.challenged();
      case "cdn" -> RequestMatcher.any().on(Listener.CDN);
      default -> {
        if (!text.startsWith("/")) {
          throw new IllegalArgumentException(
              "'" + text + "' is no place for a fault: any, manifest, blob, … or a path regex /…");
        }
        yield RequestMatcher.any().pathMatching(text);
      }
    };
  }

  private static Fault fault(String text) {
    int colon = text.indexOf(':');
    String name = colon < 0 ? text : text.substring(0, colon);
    String value = colon < 0 ? "" : text.substring(colon + 1);
    List<String> parts = List.of(value.split(":", 2));
    try {
      return switch (name) {
        case "status" -> Faults.status(Integer.parseInt(value));
        case "429" ->
            value.isEmpty()
                ? Faults.tooManyRequests()
                : Faults.tooManyRequests(Duration.ofSeconds(Long.parseLong(value)));
        case "header" -> Faults.header(parts.getFirst(), parts.getLast());
        case "type" -> Faults.contentType(value);
        case "delay" -> Faults.delay(time(value));
        case "stall" -> value.isEmpty() ? Faults.stallBeforeHead() : Faults.stallAt(size(value));
        case "cut" -> Faults.cutAt(size(parts.getFirst()), cut(parts.getLast()));
        case "hangup" -> Faults.hangUp(cut(value));
        case "rate" -> Faults.rate(size(value));
        case "drip" -> Faults.drip(Math.toIntExact(size(parts.getFirst())), time(parts.getLast()));
        case "wrong" -> Faults.wrongByteAt(size(value));
        case "truncate" -> Faults.truncatedTo(size(value));
        case "extra" -> Faults.extraBytes(size(value));
        case "length" -> Faults.contentLength(size(value));
        case "nolength" -> Faults.noContentLength();
        case "chunked" -> Faults.chunked();
        case "endless" -> Faults.endlessBody();
        case "norange" -> Faults.ignoreRange();
        case "range" -> Faults.contentRange(value);
        case "redirect" -> Faults.redirectTo(value);
        case "loop" -> Faults.redirectLoop();
        case "realm" -> Faults.realm(value);
        case "html" -> Faults.htmlPage();
        case "random" -> Faults.random(Long.parseLong(value));
        default -> throw new IllegalArgumentException("there is no such fault; see --help");
      };
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("fault '" + text + "': " + e.getMessage(), e);
    }
  }

  private static Cut cut(String text) {
    return choice(Cut.class, text);
  }

  /** One of an enum's constants, in any case. */
  static <E extends Enum<E>> E choice(Class<E> type, String text) {
    return EnumSet.allOf(type).stream()
        .filter(constant -> constant.name().equalsIgnoreCase(text))
        .findFirst()
        .orElseThrow(
            () -> new IllegalArgumentException("'" + text + "' is none of " + EnumSet.allOf(type)));
  }

  /** A number of bytes: 500, 64K, 20M, 1G. */
  static long size(String text) {
    if (!text.matches("[0-9]{1,15}[KMG]?")) {
      throw new IllegalArgumentException("'" + text + "' is no size: write 500, 64K, 20M or 1G");
    }
    int end = text.length() - 1;
    int shift =
        switch (text.charAt(end)) {
          case 'K' -> 10;
          case 'M' -> 20;
          case 'G' -> 30;
          default -> 0;
        };
    return Long.parseLong(shift == 0 ? text : text.substring(0, end)) << shift;
  }

  private static Duration time(String text) {
    if (!text.matches("[0-9]{1,9}(ms|s|m)")) {
      throw new IllegalArgumentException("'" + text + "' is no time: write 100ms, 5s or 2m");
    }
    long number = Long.parseLong(text.replaceAll("[^0-9]", ""));
    if (text.endsWith("ms")) {
      return Duration.ofMillis(number);
    }
    return text.endsWith("s") ? Duration.ofSeconds(number) : Duration.ofMinutes(number);
  }
}
