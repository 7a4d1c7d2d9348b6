package dev.breakwater.http;

import dev.breakwater.oci.Digest;
import io.vertx.core.MultiMap;

/** Entity tags (RFC 9110 §8.8.3). Ours are always strong: the digest between double quotes. */
final class EntityTags {
  private EntityTags() {}

  static String of(Digest digest) {
    return '"' + digest.toString() + '"';
  }

  /** Whether {@code If-None-Match} names the tag (weak comparison) or {@code *}. */
  static boolean noneMatchNames(MultiMap headers, String tag) {
    if (!headers.contains(Fields.IF_NONE_MATCH)) {
      return false;
    }
    for (String line : headers.getAll(Fields.IF_NONE_MATCH)) {
      // A digest has no comma, so splitting at commas cannot break a tag that could match.
      for (String member : line.split(",", -1)) {
        String text = member.strip();
        if (text.equals("*") || (text.startsWith("W/") ? text.substring(2) : text).equals(tag)) {
          return true;
        }
      }
    }
    return false;
  }

  /** Whether {@code If-Range} lets a range through: absent, or equal to the tag and strong. */
  static boolean rangeHolds(MultiMap headers, String tag) {
    String condition = headers.get(Fields.IF_RANGE);
    return condition == null || condition.strip().equals(tag);
  }
}
