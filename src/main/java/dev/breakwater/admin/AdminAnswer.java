package dev.breakwater.admin;

import dev.breakwater.admin.api.ErrorInfo;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.json.Json;

/**
 * What an admin page answers.
 *
 * @param status the HTTP status
 * @param contentType the type of the body
 * @param body the body
 * @param result what came of a command, for the audit log; empty if the status says it all
 */
public record AdminAnswer(int status, String contentType, Buffer body, String result) {
  AdminAnswer(int status, String contentType, Buffer body) {
    this(status, contentType, body, "");
  }

  /** A JSON document. */
  public static AdminAnswer json(int status, Object document) {
    return new AdminAnswer(status, "application/json", Json.encodeToBuffer(document));
  }

  /** Plain text. */
  static AdminAnswer text(int status, String text) {
    return new AdminAnswer(status, "text/plain; charset=utf-8", Buffer.buffer(text));
  }

  /** An error, as JSON. */
  public static AdminAnswer error(int status, String message) {
    return json(status, new ErrorInfo(message)).withResult(message);
  }

  /** The same of a command that came to this. */
  AdminAnswer withResult(String text) {
    return new AdminAnswer(status, contentType, body, text);
  }
}
