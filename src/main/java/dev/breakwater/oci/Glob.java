package dev.breakwater.oci;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What patterns of names have in common: {@code *} is any text, slashes too, {@code ?} any
 * character but a colon, {@code [0-9a-f]} one of these. Not a regular expression, because one with
 * many stars may take hours for a name that almost matches, and the name is a client's.
 */
final class Glob {
  private static final Pattern CHOICE = Pattern.compile("\\[([A-Za-z0-9._](-[A-Za-z0-9])?)+]");

  private static final Part STAR = new Part(true, new BitSet());
  private static final Part ANY_BUT_COLON = anyBut(':');

  /**
   * One of these characters, or any text.
   *
   * @param isStar whether it is any text
   * @param characters those that are possible here
   */
  private record Part(boolean isStar, BitSet characters) {
    static Part of(char c) {
      BitSet one = new BitSet();
      one.set(c);
      return new Part(false, one);
    }
  }

  private final List<Part> parts;

  private Glob(List<Part> parts) {
    this.parts = List.copyOf(parts);
  }

  private static Part anyBut(char c) {
    BitSet any = new BitSet();
    any.set(0, Character.MAX_VALUE + 1);
    any.clear(c);
    return new Part(false, any);
  }

  /** What matches the same names; empty if brackets in it are no choice of characters. */
  static Optional<Glob> compile(String text) {
    List<Part> parts = new ArrayList<>();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      switch (c) {
        case '*' -> parts.add(STAR);
        case '?' -> parts.add(ANY_BUT_COLON);
        case '[' -> {
          int end = text.indexOf(']', at) + 1;
          Optional<BitSet> choice = choice(text.substring(at, Math.max(at, end)));
          if (choice.isEmpty()) {
            return Optional.empty();
          }
          parts.add(new Part(false, choice.get()));
          at = end - 1;
        }
        case ']' -> {
          return Optional.empty();
        }
        default -> parts.add(Part.of(c));
      }
    }
    return Optional.of(new Glob(parts));
  }

  /** The characters between brackets; empty if it is no choice, or a range runs backwards. */
  private static Optional<BitSet> choice(String text) {
    if (!CHOICE.matcher(text).matches()) {
      return Optional.empty();
    }
    BitSet characters = new BitSet();
    for (int at = 1; at < text.length() - 1; at++) {
      char first = text.charAt(at);
      if (text.charAt(at + 1) == '-') {
        at += 2;
      }
      char last = text.charAt(at);
      if (last < first) {
        return Optional.empty();
      }
      characters.set(first, last + 1);
    }
    return Optional.of(characters);
  }

  /**
   * Whether the whole name matches. At most as many steps as the lengths of both multiplied: what
   * an earlier star takes need not be tried again once a later one is reached.
   */
  boolean matches(CharSequence name) {
    int part = 0;
    int at = 0;
    int star = -1;
    int starEnd = 0;
    while (at < name.length()) {
      if (part < parts.size() && parts.get(part).isStar()) {
        star = part++;
        starEnd = at;
      } else if (part < parts.size() && parts.get(part).characters().get(name.charAt(at))) {
        part++;
        at++;
      } else if (star >= 0) {
        part = star + 1;
        at = ++starEnd;
      } else {
        return false;
      }
    }
    while (part < parts.size() && parts.get(part).isStar()) {
      part++;
    }
    return part == parts.size();
  }
}
