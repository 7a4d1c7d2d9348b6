package dev.breakwater.http;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RegistryException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A request's query, decoded once with form rules as Go's server does: {@code +} is a space, {@code
 * %2B} a plus (artifact types end in {@code +json}).
 */
final class Query {
  private static final Query EMPTY = new Query(List.of());
  private static final int MAX_PARAMETERS = 64;

  private record Parameter(String name, String value) {}

  private final List<Parameter> parameters;

  private Query(List<Parameter> parameters) {
    this.parameters = parameters;
  }

  /**
   * Reads what follows the {@code ?} of a request target; empty if there is none.
   *
   * @throws RegistryException {@code REQUEST_INVALID} for a malformed encoding or too many
   *     parameters
   */
  static Query of(String target) {
    int question = target.indexOf('?');
    if (question < 0 || question + 1 == target.length()) {
      return EMPTY;
    }
    List<Parameter> parameters = new ArrayList<>(4);
    int start = question + 1;
    while (start <= target.length()) {
      int end = target.indexOf('&', start);
      end = end < 0 ? target.length() : end;
      if (end > start) {
        int equals = target.indexOf('=', start);
        boolean hasValue = equals >= 0 && equals < end;
        parameters.add(
            new Parameter(
                decode(target, start, hasValue ? equals : end),
                hasValue ? decode(target, equals + 1, end) : ""));
        if (parameters.size() > MAX_PARAMETERS) {
          throw invalid("the query has more than " + MAX_PARAMETERS + " parameters");
        }
      }
      start = end + 1;
    }
    return new Query(parameters);
  }

  /**
   * The value of a parameter that may be given once.
   *
   * @throws RegistryException {@code REQUEST_INVALID} if it is given more than once
   */
  Optional<String> single(String name) {
    List<String> values = all(name);
    if (values.size() > 1) {
      throw invalid("the query parameter " + Quoted.of(name) + " is given more than once");
    }
    return values.isEmpty() ? Optional.empty() : Optional.of(values.getFirst());
  }

  /** All values of a parameter, in the order given. */
  List<String> all(String name) {
    if (parameters.isEmpty()) {
      return List.of();
    }
    List<String> values = new ArrayList<>(1);
    for (Parameter parameter : parameters) {
      if (parameter.name.equals(name)) {
        values.add(parameter.value);
      }
    }
    return values;
  }

  private static String decode(String text, int start, int end) {
    boolean plain = true;
    for (int i = start; i < end && plain; i++) {
      plain = text.charAt(i) != '%' && text.charAt(i) != '+';
    }
    if (plain) {
      return text.substring(start, end);
    }
    ByteBuffer bytes = ByteBuffer.allocate(end - start);
    for (int i = start; i < end; i++) {
      char c = text.charAt(i);
      if (c == '%') {
        int high = i + 2 < end ? Character.digit(text.charAt(i + 1), 16) : -1;
        int low = i + 2 < end ? Character.digit(text.charAt(i + 2), 16) : -1;
        if (high < 0 || low < 0) {
          throw invalid("the query has a malformed percent-encoding");
        }
        bytes.put((byte) (high << 4 | low));
        i += 2;
      } else {
        bytes.put((byte) (c == '+' ? ' ' : c));
      }
    }
    try {
      return StandardCharsets.UTF_8.newDecoder().decode(bytes.flip()).toString();
    } catch (CharacterCodingException e) {
      throw new RegistryException(ErrorCode.REQUEST_INVALID, "the query is not UTF-8", e);
    }
  }

  private static RegistryException invalid(String message) {
    return new RegistryException(ErrorCode.REQUEST_INVALID, message);
  }
}
