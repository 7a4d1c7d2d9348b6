package dev.breakwater.http;

/**
 * Why a request is not looked at any further. The connection is closed after the answer, because
 * where the next request begins can no longer be trusted.
 *
 * @param reason one word for the metric label
 * @param status the status to answer
 * @param message what is wrong, for the client
 */
record Refusal(Reason reason, int status, String message) {
  /** The closed set of reasons. */
  enum Reason {
    METHOD,
    TARGET,
    PATH,
    QUERY,
    HOST,
    FRAMING,
    BODY,
    HEADERS,
    MALFORMED,
    TLS,
    HANDSHAKE,
    HEAD_TIMEOUT,
    CONNECTIONS,
    CONNECTION_REPLACED;

    private final String label = name().toLowerCase(java.util.Locale.ROOT);

    String label() {
      return label;
    }
  }

  static Refusal bad(Reason reason, String message) {
    return new Refusal(reason, 400, message);
  }
}
