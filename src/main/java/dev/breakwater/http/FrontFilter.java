package dev.breakwater.http;

import dev.breakwater.http.Refusal.Reason;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Looks at a request's head before anything else does, and refuses what two parsers might read
 * differently. A pure decision.
 *
 * <p>What the decoder below already refuses (contradicting lengths, malformed chunks, bare line
 * feeds) arrives through {@link #malformed}. What it lets through and why that is refused here is
 * listed in docs/findings.md#lenient-server. A name that differs from {@code Content-Length} or
 * {@code Content-Type} in the one byte after its hyphen is refused with the connection: Vert.x
 * before 5.2.3 took it for the real one, and a proxy on the way may still do so.
 */
final class FrontFilter {
  static final String ALLOWED_METHODS = "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS";
  private static final int MAX_QUERY = 4 * 1024;
  private static final int MAX_HOST = 260;

  private FrontFilter() {}

  /** The refusal of a head that the decoder could not read. */
  static Refusal malformed(@Nullable Throwable cause) {
    if (cause instanceof TooLongHttpLineException) {
      return new Refusal(Reason.MALFORMED, 414, "the request line is too long");
    }
    if (cause instanceof TooLongHttpHeaderException) {
      return new Refusal(Reason.MALFORMED, 431, "the request's headers are too large");
    }
    return Refusal.bad(Reason.MALFORMED, "the request is not well-formed HTTP/1.1");
  }

  /** Why the request must be refused, or empty if it may go on. */
  static Optional<Refusal> check(
      HttpMethod method,
      HttpVersion version,
      RequestTarget target,
      MultiMap headers,
      int maxHeaders) {
    Refusal refusal = badMethod(method);
    if (refusal == null) {
      refusal = badTarget(target);
    }
    if (refusal == null) {
      refusal = badHeaders(method, version, headers, maxHeaders);
    }
    return Optional.ofNullable(refusal);
  }

  /** Whether it is one of the methods that the API has. */
  static boolean isKnown(HttpMethod method) {
    return switch (method.name()) {
      case "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS" -> true;
      default -> false;
    };
  }

  private static @Nullable Refusal badMethod(HttpMethod method) {
    return isKnown(method)
        ? null
        : new Refusal(Reason.METHOD, 405, "the method is not one of " + ALLOWED_METHODS);
  }

  private static @Nullable Refusal badTarget(RequestTarget target) {
    if (target.isAbsolute() && !isHost(target.host())) {
      return Refusal.bad(Reason.TARGET, "the request target's host is not a host name");
    }
    return badPath(target.uri());
  }

  private static @Nullable Refusal badPath(String target) {
    if (target.isEmpty() || target.charAt(0) != '/') {
      return Refusal.bad(Reason.TARGET, "the request target must be a path or an http URL");
    }
    int question = target.indexOf('?');
    int pathEnd = question < 0 ? target.length() : question;
    for (int i = 0; i < pathEnd; i++) {
      char c = target.charAt(i);
      if (!isPathCharacter(c)) {
        return Refusal.bad(
            Reason.PATH,
            "the path has a character that no path of this API has, or an encoded one");
      }
      if (c == '/' && i > 0 && isEmptyOrDots(target, i, pathEnd)) {
        return Refusal.bad(Reason.PATH, "the path has an empty or dot segment");
      }
    }
    if (isEmptyOrDots(target, 0, pathEnd) && pathEnd > 1) {
      return Refusal.bad(Reason.PATH, "the path has an empty or dot segment");
    }
    return question < 0 ? null : badQuery(target, question + 1);
  }

  private static @Nullable Refusal badQuery(String target, int start) {
    if (target.length() - start > MAX_QUERY) {
      return Refusal.bad(Reason.QUERY, "the query is longer than " + MAX_QUERY + " characters");
    }
    for (int i = start; i < target.length(); i++) {
      char c = target.charAt(i);
      if (c <= ' ' || c >= 0x7f || c == '#') {
        return Refusal.bad(Reason.QUERY, "the query has a character that must be encoded");
      }
    }
    return null;
  }

  /** Whether the segment after the slash is empty but not the last, or one or two dots. */
  private static boolean isEmptyOrDots(String path, int slash, int end) {
    int next = path.indexOf('/', slash + 1);
    int stop = next < 0 || next > end ? end : next;
    return switch (stop - slash - 1) {
      case 0 -> stop != end;
      case 1 -> path.charAt(slash + 1) == '.';
      case 2 -> path.charAt(slash + 1) == '.' && path.charAt(slash + 2) == '.';
      default -> false;
    };
  }

  private static boolean isPathCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || "/._-~:@=+!$&'()*,;".indexOf(c) >= 0;
  }

  private static @Nullable Refusal badHeaders(
      HttpMethod method, HttpVersion version, MultiMap headers, int maxHeaders) {
    if (headers.size() > maxHeaders) {
      return new Refusal(
          Reason.HEADERS, 431, "the request has more than " + maxHeaders + " headers");
    }
    int count = 0;
    int hosts = 0;
    int encodings = 0;
    int lengths = 0;
    boolean hasBody = false;
    for (Map.Entry<String, String> field : headers) {
      if (++count > maxHeaders) {
        return new Refusal(
            Reason.HEADERS, 431, "the request has more than " + maxHeaders + " headers");
      }
      String name = field.getKey();
      String value = field.getValue();
      if (name.equalsIgnoreCase("host")) {
        hosts++;
        if (!isHost(value)) {
          return Refusal.bad(Reason.HOST, "the Host header is not a host name");
        }
      } else if (name.equalsIgnoreCase("transfer-encoding")) {
        encodings++;
        hasBody = true;
        // Not stripped: a folded line leaves a space, and folded framing headers are refused.
        if (!value.equalsIgnoreCase("chunked")) {
          return Refusal.bad(Reason.FRAMING, "Transfer-Encoding may only be \"chunked\"");
        }
      } else if (name.equalsIgnoreCase("content-length")) {
        lengths++;
        if (!isLength(value)) {
          return Refusal.bad(Reason.FRAMING, "Content-Length is not a number");
        }
        hasBody |= !isZero(value);
      } else if (name.equalsIgnoreCase("expect")) {
        // On a request without a body, which waits for nothing, it has no meaning.
        if (!value.equalsIgnoreCase("100-continue")) {
          return Refusal.bad(Reason.HEADERS, "Expect may only be \"100-continue\"");
        }
      } else if (looksLike(name, "content-length") || looksLike(name, "content-type")) {
        return Refusal.bad(Reason.FRAMING, "the request has a header that imitates another");
      }
    }
    // HTTP/1.0 has no Host header.
    if (hosts > 1 || (hosts == 0 && version != HttpVersion.HTTP_1_0)) {
      return Refusal.bad(Reason.HOST, "the request must have one Host header");
    }
    if (encodings + lengths > 1) {
      return Refusal.bad(Reason.FRAMING, "the length of the body is given more than once");
    }
    if (hasBody && isRead(method)) {
      return Refusal.bad(Reason.BODY, "a " + method.name() + " request must not have a body");
    }
    return null;
  }

  private static boolean isRead(HttpMethod method) {
    return method.equals(HttpMethod.GET) || method.equals(HttpMethod.HEAD);
  }

  /** Whether the name is the other one but for the byte after its hyphen. */
  private static boolean looksLike(String name, String other) {
    int odd = "content-".length();
    return name.length() == other.length()
        && name.regionMatches(true, 0, other, 0, odd)
        && name.regionMatches(true, odd + 1, other, odd + 1, other.length() - odd - 1)
        && !name.equalsIgnoreCase(other);
  }

  private static boolean isLength(String value) {
    if (value.isEmpty() || value.length() > 18) {
      return false;
    }
    for (int i = 0; i < value.length(); i++) {
      if (value.charAt(i) < '0' || value.charAt(i) > '9') {
        return false;
      }
    }
    return true;
  }

  private static boolean isZero(String digits) {
    for (int i = 0; i < digits.length(); i++) {
      if (digits.charAt(i) != '0') {
        return false;
      }
    }
    return true;
  }

  /** Whether it can be a {@code Host}: a name or an address, and perhaps a port. */
  static boolean isHost(String value) {
    if (value.isEmpty() || value.length() > MAX_HOST) {
      return false;
    }
    boolean literal = value.charAt(0) == '[';
    int nameEnd = literal ? value.indexOf(']') + 1 : value.indexOf(':');
    if (nameEnd < 0) {
      nameEnd = value.length();
    }
    if (nameEnd == 0 || (literal && nameEnd < 4)) {
      return false;
    }
    for (int i = literal ? 1 : 0; i < (literal ? nameEnd - 1 : nameEnd); i++) {
      if (!(literal ? isAddressCharacter(value.charAt(i)) : isNameCharacter(value.charAt(i)))) {
        return false;
      }
    }
    return isPort(value, nameEnd);
  }

  private static boolean isPort(String value, int start) {
    if (start == value.length()) {
      return true;
    }
    if (value.charAt(start) != ':'
        || start + 1 == value.length()
        || value.length() - start - 1 > 5) {
      return false;
    }
    return isLength(value.substring(start + 1));
  }

  /** Whether a host name may have the character. */
  static boolean isNameCharacter(char c) {
    return (c >= 'a' && c <= 'z')
        || (c >= 'A' && c <= 'Z')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == '-'
        || c == '_';
  }

  private static boolean isAddressCharacter(char c) {
    return (c >= 'a' && c <= 'f')
        || (c >= 'A' && c <= 'F')
        || (c >= '0' && c <= '9')
        || c == '.'
        || c == ':';
  }
}
