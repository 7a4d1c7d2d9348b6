package dev.breakwater.testing;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A request as it came over the wire.
 *
 * @param method as written
 * @param path the target up to the question mark, not decoded
 * @param query the target after the question mark, not decoded; empty if there is none
 * @param version {@code HTTP/1.1} or {@code HTTP/1.0}
 * @param headers its fields
 * @param body its body as Latin-1 text
 * @param flaw why it is not a request at all; empty for a proper one
 */
record IncomingRequest(
    String method,
    String path,
    String query,
    String version,
    Headers headers,
    String body,
    String flaw) {

  /** What stands for bytes that are no request. */
  static IncomingRequest malformed(String flaw) {
    return new IncomingRequest("?", "", "", "HTTP/1.1", Headers.NONE, "", flaw);
  }

  /** The same without the beginning of its path; for a path that begins otherwise it is empty. */
  IncomingRequest below(String prefix) {
    String rest = path.startsWith(prefix) ? path.substring(prefix.length()) : "";
    return prefix.isEmpty()
        ? this
        : new IncomingRequest(method, rest, query, version, headers, body, flaw);
  }

  /** Whether the client wants the connection kept. */
  boolean keepsAlive() {
    return flaw.isEmpty()
        && version.equals("HTTP/1.1")
        && headers.all("Connection").stream().noneMatch(v -> v.equalsIgnoreCase("close"));
  }

  /** Whether only a head is wanted. */
  boolean isHead() {
    return method.equals("HEAD");
  }

  /** The decoded parameters of the query. */
  Map<String, List<String>> queryParameters() {
    return parameters(query);
  }

  /** The decoded parameters of a form. */
  Map<String, List<String>> formParameters() {
    return parameters(body);
  }

  private static Map<String, List<String>> parameters(String text) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    for (String pair : text.split("&", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        parameters
            .computeIfAbsent(decode(pair.substring(0, equals)), name -> new ArrayList<>())
            .add(decode(pair.substring(equals + 1)));
      }
    }
    return parameters;
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }
}
