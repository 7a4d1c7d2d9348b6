package dev.breakwater.config;

import java.util.ArrayList;
import java.util.List;

/**
 * The place of one value: {@code upstreams.docker.io.accounts[0].username}. Kept as segments,
 * because the names of upstreams hold dots; a position in a list is a segment of its own, in
 * brackets.
 */
record KeyPath(List<String> segments) {
  static final KeyPath ROOT = new KeyPath(List.of());

  KeyPath {
    segments = List.copyOf(segments);
  }

  KeyPath child(String segment) {
    List<String> longer = new ArrayList<>(segments);
    longer.add(segment);
    return new KeyPath(longer);
  }

  KeyPath item(int position) {
    return child("[" + position + "]");
  }

  /** The first {@code length} segments. */
  KeyPath first(int length) {
    return new KeyPath(segments.subList(0, length));
  }

  int length() {
    return segments.size();
  }

  String last() {
    return segments.getLast();
  }

  static boolean isItem(String segment) {
    return segment.startsWith("[");
  }

  boolean startsWith(KeyPath prefix) {
    return prefix.length() <= length() && first(prefix.length()).equals(prefix);
  }

  @Override
  public String toString() {
    StringBuilder text = new StringBuilder();
    for (String segment : segments) {
      if (!text.isEmpty() && !isItem(segment)) {
        text.append('.');
      }
      text.append(segment);
    }
    return text.toString();
  }
}
