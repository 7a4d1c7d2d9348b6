package dev.breakwater.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;
import java.util.Optional;

/**
 * A bearer token.
 *
 * @param authorization the token, ready to send
 * @param lifetime how long from its arrival we use it: less than it is valid
 */
record Token(Authorization authorization, Duration lifetime) {
  /** What a token server that says nothing means (distribution, token specification). */
  private static final long DEFAULT_SECONDS = 60;

  private static final long MAX_SECONDS = 3600;
  private static final long MARGIN_SECONDS = 30;
  private static final int MAX_LENGTH = 12_288;

  /** Reads a token server's answer; empty if there is no usable token in it. */
  static Optional<Token> parse(byte[] body) {
    return Json.object(body)
        .flatMap(
            root ->
                text(root, "token")
                    .or(() -> text(root, "access_token"))
                    .map(token -> new Token(Authorization.bearer(token), lifetime(root))));
  }

  private static Duration lifetime(JsonNode root) {
    JsonNode stated = root.path("expires_in");
    long seconds = stated.canConvertToLong() ? stated.longValue() : DEFAULT_SECONDS;
    long valid = seconds <= 0 ? DEFAULT_SECONDS : Math.min(seconds, MAX_SECONDS);
    return valid >= 2 * MARGIN_SECONDS
        ? Duration.ofSeconds(valid - MARGIN_SECONDS)
        : Duration.ofSeconds(valid).dividedBy(2);
  }

  private static Optional<String> text(JsonNode root, String field) {
    return Json.text(root, field)
        .filter(token -> !token.isEmpty() && token.length() <= MAX_LENGTH)
        .filter(token -> token.chars().allMatch(c -> c > 0x20 && c < 0x7f));
  }
}
