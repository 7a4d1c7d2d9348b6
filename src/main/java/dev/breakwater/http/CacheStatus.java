package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.registry.Provenance;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The {@code Cache-Status} header (RFC 9211): tells a user with nothing but {@code curl -I} whether
 * the answer came from the cache and if not, why not.
 */
final class CacheStatus {
  /** An answer that no cache has to do with, such as the ping. */
  static final String LOCAL = "breakwater";

  private static final String HIT = "breakwater; hit";

  private CacheStatus() {}

  /**
   * The header of an answer.
   *
   * @param stores whether a fetched answer was also kept; a HEAD keeps nothing
   */
  static String of(Provenance provenance, boolean stores) {
    return switch (provenance.result()) {
      case HIT -> provenance.equals(Provenance.HIT) ? HIT : with(HIT, provenance);
      case NEGATIVE -> with(HIT, provenance);
      case STALE, REVALIDATED -> forwarded("stale", provenance);
      case MISS -> forwarded("uri-miss", provenance) + (stores ? "; stored" : "");
      case COLLAPSED ->
          forwarded("uri-miss", provenance) + (stores ? "; stored" : "") + "; collapsed";
      case LOCAL, ERROR -> with(LOCAL, provenance);
    };
  }

  /** The header of an error answer. */
  static String of(ErrorCode code) {
    return LOCAL + "; detail=" + code.name().toLowerCase(Locale.ROOT);
  }

  private static String forwarded(String why, Provenance provenance) {
    String start = LOCAL + "; fwd=" + why;
    int status = provenance.upstreamStatus();
    return with(status > 0 ? start + "; fwd-status=" + status : start, provenance);
  }

  private static String with(String start, Provenance provenance) {
    StringBuilder header = new StringBuilder(64).append(start);
    if (provenance.ttlSeconds() >= 0) {
      header.append("; ttl=").append(provenance.ttlSeconds());
    }
    @Nullable String detail = provenance.detail();
    if (detail != null && !detail.isEmpty()) {
      header.append("; detail=").append(isToken(detail) ? detail : quoted(detail));
    }
    return header.toString();
  }

  /** Whether the text is a token of RFC 8941 §3.3.4; anything else must be quoted. */
  private static boolean isToken(String text) {
    if (!isAlpha(text.charAt(0)) && text.charAt(0) != '*') {
      return false;
    }
    for (int i = 1; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean digit = c >= '0' && c <= '9';
      if (!isAlpha(c) && !digit && "!#$%&'*+-.^_`|~:/".indexOf(c) < 0) {
        return false;
      }
    }
    return true;
  }

  /** A string of RFC 8941 §3.3.3, which has no escapes but for the quote and the backslash. */
  private static String quoted(String text) {
    StringBuilder quoted = new StringBuilder(text.length() + 2).append('"');
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\') {
        quoted.append('\\').append(c);
      } else {
        quoted.append(c < ' ' || c > '~' ? '?' : c);
      }
    }
    return quoted.append('"').toString();
  }

  private static boolean isAlpha(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
  }
}
