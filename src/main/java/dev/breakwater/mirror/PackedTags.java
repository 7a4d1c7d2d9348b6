package dev.breakwater.mirror;

import dev.breakwater.oci.Tag;
import java.nio.charset.StandardCharsets;
import java.util.AbstractList;
import java.util.List;
import java.util.Objects;
import java.util.RandomAccess;

/** An immutable list of tags in little memory: their characters one after the other. */
final class PackedTags extends AbstractList<Tag> implements RandomAccess {
  private static final int OVERHEAD = 256;

  private final byte[] characters;

  /** Where each tag ends. */
  private final int[] ends;

  PackedTags(List<Tag> tags) {
    int length = 0;
    for (Tag tag : tags) {
      length += tag.value().length();
    }
    characters = new byte[length];
    ends = new int[tags.size()];
    int at = 0;
    int index = 0;
    for (Tag tag : tags) {
      byte[] name = tag.value().getBytes(StandardCharsets.US_ASCII);
      System.arraycopy(name, 0, characters, at, name.length);
      at += name.length;
      ends[index++] = at;
    }
  }

  @Override
  public Tag get(int index) {
    Objects.checkIndex(index, ends.length);
    int start = index == 0 ? 0 : ends[index - 1];
    return new Tag(new String(characters, start, ends[index] - start, StandardCharsets.US_ASCII));
  }

  @Override
  public int size() {
    return ends.length;
  }

  /** What it needs of the heap, in bytes. */
  int weight() {
    return OVERHEAD + characters.length + ends.length * Integer.BYTES;
  }
}
