package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.FuzzText;
import dev.breakwater.oci.RegistryException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Queries, of the characters that the front filter lets through; read a second time word by word.
 */
public final class QueryFuzz {
  private QueryFuzz() {}

  /** A query. */
  public static void fuzzerTestOneInput(byte[] input) {
    String query = FuzzText.of(input);
    if (query.chars().anyMatch(c -> c <= ' ' || c >= 0x7f || c == '#')) {
      return;
    }
    Optional<Map<String, List<String>>> expected = decoded(query);
    Query found;
    try {
      found = Query.of("/v2/?" + query);
    } catch (RegistryException e) {
      assertThat(expected).as(query).isEmpty();
      return;
    }
    assertThat(expected).as(query).isPresent();
    expected.get().forEach((name, values) -> assertThat(found.all(name)).isEqualTo(values));
  }

  private static Optional<Map<String, List<String>>> decoded(String query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    int count = 0;
    for (String pair : query.split("&", -1)) {
      if (pair.isEmpty()) {
        continue;
      }
      String[] sides = pair.split("=", 2);
      String name = word(sides[0]);
      String value = sides.length == 1 ? "" : word(sides[1]);
      count++;
      if (name == null || value == null || count > 64) {
        return Optional.empty();
      }
      parameters.computeIfAbsent(name, ignored -> new ArrayList<>()).add(value);
    }
    return Optional.of(parameters);
  }

  /** Null if it is no encoding of a text. */
  private static String word(String text) {
    if (!text.matches("(?:[^%]|%[0-9A-Fa-f]{2})*+")) {
      return null;
    }
    StringBuilder bytes = new StringBuilder();
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '%') {
        c = (char) Integer.parseInt(text.substring(i + 1, i + 3), 16);
        i += 2;
      } else if (c == '+') {
        c = ' ';
      }
      bytes.append(c);
    }
    byte[] raw = bytes.toString().getBytes(StandardCharsets.ISO_8859_1);
    String word = new String(raw, StandardCharsets.UTF_8);
    return Arrays.equals(word.getBytes(StandardCharsets.UTF_8), raw) ? word : null;
  }
}
