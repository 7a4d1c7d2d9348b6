package dev.breakwater.upstream;

import com.fasterxml.jackson.databind.JsonNode;
import dev.breakwater.oci.Quoted;
import java.util.Collection;
import java.util.regex.Pattern;

/** What a registry says in an error body, made fit to be repeated to others. */
final class OciErrors {
  private static final int MAX_TEXT = 512;
  private static final Pattern QUERY = Pattern.compile("\\?[^\\s\"']*");

  private OciErrors() {}

  /**
   * Code and message of the first error, as {@code " (DENIED \"no\")"}; empty if the body is no OCI
   * error. Nothing else of the body is repeated. A hostile registry may send our own secrets back
   * to have them logged, or sign URLs into its text: both are taken out.
   */
  static String describe(byte[] body, Collection<String> secrets) {
    return Json.object(body)
        .map(root -> root.path("errors").path(0))
        .filter(JsonNode::isObject)
        .map(error -> describe(error, secrets))
        .orElse("");
  }

  private static String describe(JsonNode error, Collection<String> secrets) {
    String code = Json.text(error, "code").orElse("no code");
    String message = Json.text(error, "message").orElse("");
    String said = Quoted.escape(clean(code, secrets));
    return message.isEmpty()
        ? " (" + said + ")"
        : " (" + said + ' ' + Quoted.of(clean(message, secrets)) + ')';
  }

  private static String clean(String text, Collection<String> secrets) {
    String clean = text;
    for (String secret : secrets) {
      if (!secret.isEmpty()) {
        clean = clean.replace(secret, "[redacted]");
      }
    }
    String cut = clean.length() > MAX_TEXT ? clean.substring(0, MAX_TEXT) : clean;
    return QUERY.matcher(cut).replaceAll("?");
  }
}
