package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Collectors;

/** Words of a closed list: the constants of an enum, written in lower case. */
final class Choice {
  private Choice() {}

  /** The constant of that name, else an {@link IllegalArgumentException} that lists them all. */
  static <E extends Enum<E>> E parse(Class<E> type, String text) {
    return Arrays.stream(type.getEnumConstants())
        .filter(constant -> word(constant).equals(text))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    Quoted.of(text) + " is not one of " + words(type, ", ")));
  }

  /** All words of the list, in the order of the enum. */
  static <E extends Enum<E>> String words(Class<E> type, String separator) {
    return Arrays.stream(type.getEnumConstants())
        .map(Choice::word)
        .collect(Collectors.joining(separator));
  }

  private static String word(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }
}
