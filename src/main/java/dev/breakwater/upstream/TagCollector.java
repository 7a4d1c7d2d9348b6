package dev.breakwater.upstream;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.breakwater.oci.JsonReader;
import dev.breakwater.oci.Tag;
import java.io.IOException;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/** Collects the tags of all pages of a list. Used by one thread at a time. */
final class TagCollector {
  static final int MAX_TAGS = 100_000;

  /** Of all tags together, in characters. */
  static final int MAX_LENGTH = 4 * 1024 * 1024;

  private final SortedSet<Tag> tags = new TreeSet<>();
  private long length;
  private boolean hasList;

  /**
   * Adds a page; what is no tag is left out.
   *
   * @throws UpstreamException if it is no list of tags, or the whole list is too long
   */
  void add(Attempt attempt, byte[] page) {
    hasList = false;
    try {
      JsonReader.readDocument(page, (name, value) -> field(attempt, name, value));
    } catch (IOException e) {
      throw attempt.failure(UpstreamOutcome.INVALID, "its answer is not a list of tags", e);
    }
    if (!hasList) {
      throw attempt.failure(UpstreamOutcome.INVALID, "its answer is not a list of tags");
    }
  }

  private void field(Attempt attempt, String name, JsonParser value) throws IOException {
    if (!name.equals("tags")) {
      return;
    }
    if (value.currentToken() == JsonToken.START_ARRAY) {
      hasList = true;
      JsonReader.readArray(value, entry -> entry(attempt, entry));
    } else {
      hasList = value.currentToken() == JsonToken.VALUE_NULL;
    }
  }

  private void entry(Attempt attempt, JsonParser value) throws IOException {
    if (value.currentToken() != JsonToken.VALUE_STRING
        || value.getTextLength() > Tag.MAX_LENGTH
        || !Tag.isValid(value.getText())) {
      return;
    }
    Tag tag = new Tag(value.getText());
    if (!tags.add(tag)) {
      return;
    }
    length += tag.value().length();
    if (tags.size() > MAX_TAGS) {
      throw attempt.refusal("it lists more than " + MAX_TAGS + " tags");
    }
    if (length > MAX_LENGTH) {
      throw attempt.refusal("its tags have more than " + MAX_LENGTH + " characters together");
    }
  }

  /** All tags so far, sorted. */
  List<Tag> tags() {
    return List.copyOf(tags);
  }
}
