package dev.breakwater.upstream;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.breakwater.oci.JsonReader;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
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
    FirstError first = new FirstError();
    try {
      JsonReader.readDocument(body, first::document);
    } catch (IOException e) {
      return "";
    }
    return first.found ? describe(first, secrets) : "";
  }

  private static String describe(FirstError error, Collection<String> secrets) {
    String said = Quoted.escape(clean(error.code, secrets));
    return error.message.isEmpty()
        ? " (" + said + ")"
        : " (" + said + ' ' + Quoted.of(clean(error.message, secrets)) + ')';
  }

  /** Code and message of the first entry of {@code errors}. */
  private static final class FirstError {
    private String code = "no code";
    private String message = "";
    private boolean isFirst = true;
    private boolean found;

    void document(String name, JsonParser value) throws IOException {
      if (name.equals("errors") && value.currentToken() == JsonToken.START_ARRAY) {
        JsonReader.readArray(value, this::entry);
      }
    }

    private void entry(JsonParser value) throws IOException {
      if (isFirst && value.currentToken() == JsonToken.START_OBJECT) {
        found = true;
        JsonReader.readObject(value, this::field);
      }
      isFirst = false;
    }

    private void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "code" -> code = JsonReader.text(value).orElse(code);
        case "message" -> message = JsonReader.text(value).orElse("");
        default -> {
          // Not repeated.
        }
      }
    }
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
