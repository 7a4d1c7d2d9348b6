package dev.breakwater.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.testing.Content;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a client got for one request.
 *
 * @param status the status, or 0 if the connection ended before one came
 * @param headers the fields; names are found however they are written
 * @param body the bytes that came
 * @param whole whether the body came to the end that its framing announced
 */
record Reply(int status, Map<String, List<String>> headers, byte[] body, boolean whole) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a client makes of an answer. */
  enum Verdict {
    /** Everything that was asked for, and nothing but the truth. */
    RIGHT,
    /** It looks complete, and the bytes are not the right ones: what must never happen. */
    WRONG,
    /** The body ended before its announced length: the client resumes. */
    SHORT,
    /** An error in the format of the distribution API: the client goes elsewhere or retries. */
    REFUSED,
    /** Anything else, such as a connection that ended without an answer. */
    NONE
  }

  /** No answer at all. */
  static Reply none() {
    return none(0);
  }

  /** Nothing of use, with that status. */
  static Reply none(int status) {
    return new Reply(status, Map.of(), new byte[0], false);
  }

  /** The verdict on an answer that should hold {@code truth}, or its part from an offset on. */
  Verdict verdict(Content truth, long from) {
    if (status >= 400) {
      return code().isEmpty() || !whole ? Verdict.NONE : Verdict.REFUSED;
    }
    if (status != (from == 0 ? 200 : 206)) {
      return Verdict.NONE;
    }
    if (!whole) {
      return Verdict.SHORT;
    }
    byte[] expected = truth.bytes(from, Math.toIntExact(truth.size() - from));
    return Arrays.equals(body, expected) ? Verdict.RIGHT : Verdict.WRONG;
  }

  /** The verdict on an answer that should hold all of {@code truth}. */
  Verdict verdict(Content truth) {
    return verdict(truth, 0);
  }

  /** The first value of a header field, or empty text. */
  String header(String name) {
    return headers.getOrDefault(name, List.of("")).getFirst();
  }

  /** The code of the error body, or empty text if it is none. */
  String code() {
    return error("code");
  }

  /** The message of the error body, or empty text if it is none. */
  String message() {
    return error("message");
  }

  private String error(String member) {
    try {
      return Optional.ofNullable(JSON.readTree(body))
          .map(root -> root.path("errors").path(0).path(member))
          .map(JsonNode::asText)
          .orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  @Override
  public String toString() {
    return status
        + " "
        + code()
        + " "
        + (status >= 400 ? message() : headers)
        + ", "
        + body.length
        + (whole ? " bytes, whole" : " bytes, cut");
  }
}
