package dev.breakwater.upstream;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.breakwater.oci.JsonReader;
import java.io.IOException;
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
    Fields fields = new Fields();
    try {
      JsonReader.readDocument(body, fields::field);
    } catch (IOException e) {
      return Optional.empty();
    }
    return fields
        .token
        .or(() -> fields.accessToken)
        .map(token -> new Token(Authorization.bearer(token), lifetime(fields.seconds)));
  }

  private static Duration lifetime(long seconds) {
    long valid = seconds <= 0 ? DEFAULT_SECONDS : Math.min(seconds, MAX_SECONDS);
    return valid >= 2 * MARGIN_SECONDS
        ? Duration.ofSeconds(valid - MARGIN_SECONDS)
        : Duration.ofSeconds(valid).dividedBy(2);
  }

  /** What is read of the answer. */
  private static final class Fields {
    private Optional<String> token = Optional.empty();
    private Optional<String> accessToken = Optional.empty();
    private long seconds = DEFAULT_SECONDS;

    void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "token" -> token = usable(value);
        case "access_token" -> accessToken = usable(value);
        case "expires_in" -> seconds = seconds(value);
        default -> {
          // Not needed.
        }
      }
    }

    private static Optional<String> usable(JsonParser value) throws IOException {
      return JsonReader.text(value)
          .filter(token -> !token.isEmpty() && token.length() <= MAX_LENGTH)
          .filter(token -> token.chars().allMatch(c -> c > 0x20 && c < 0x7f));
    }

    /** A fraction is cut off; a number that fits no long is none. */
    private static long seconds(JsonParser value) throws IOException {
      if (value.currentToken() == JsonToken.VALUE_NUMBER_FLOAT) {
        double stated = value.getDoubleValue();
        return Math.abs(stated) < Long.MAX_VALUE ? (long) stated : DEFAULT_SECONDS;
      }
      return JsonReader.wholeNumber(value).orElse(DEFAULT_SECONDS);
    }
  }
}
