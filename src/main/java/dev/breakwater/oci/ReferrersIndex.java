package dev.breakwater.oci;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A listing of referrers: the descriptors of the manifests that name one subject. Immutable.
 * Descriptors keep all their fields; no digest is listed twice.
 */
public final class ReferrersIndex {
  /** The listing of a subject without referrers. */
  public static final ReferrersIndex EMPTY = new ReferrersIndex(List.of());

  /**
   * One referrer.
   *
   * @param json the descriptor as the registry wrote it
   */
  private record Entry(Digest digest, Optional<String> artifactType, String json) {}

  private final List<Entry> entries;

  private ReferrersIndex(Collection<Entry> entries) {
    this.entries = List.copyOf(entries);
  }

  /**
   * Reads an image index, or one page of one. Entries that are no descriptors are left out.
   *
   * @return empty if it is something else: not JSON, of another media type, without {@code
   *     manifests}
   */
  public static Optional<ReferrersIndex> parse(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    PageReader page = new PageReader(text);
    try {
      JsonReader.readDocument(new StringReader(text), page::field);
    } catch (IOException e) {
      return Optional.empty();
    }
    return page.isIndex() ? Optional.of(new ReferrersIndex(page.found.values())) : Optional.empty();
  }

  /** Reads one page. */
  private static final class PageReader {
    private final String text;
    private final Map<Digest, Entry> found = new LinkedHashMap<>();
    private boolean hasList;
    private boolean isOther;

    PageReader(String text) {
      this.text = text;
    }

    boolean isIndex() {
      return hasList && !isOther;
    }

    void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "manifests" -> list(value);
        case "mediaType" -> isOther |= !isIndexType(value);
        case "layers", "config" -> isOther = true;
        default -> {
          // Not needed.
        }
      }
    }

    private static boolean isIndexType(JsonParser value) throws IOException {
      return value.currentToken() == JsonToken.VALUE_NULL
          || JsonReader.text(value)
              .filter(type -> MediaType.parse(type).equals(MediaType.OCI_INDEX))
              .isPresent();
    }

    /** Registries written in Go may send null for an empty list. */
    private void list(JsonParser value) throws IOException {
      if (value.currentToken() == JsonToken.START_ARRAY) {
        hasList = true;
        JsonReader.readArray(value, this::entry);
      } else {
        hasList = value.currentToken() == JsonToken.VALUE_NULL;
      }
    }

    private void entry(JsonParser value) throws IOException {
      if (value.currentToken() != JsonToken.START_OBJECT) {
        return;
      }
      int start = Math.toIntExact(value.currentLocation().getCharOffset()) - 1;
      Fields fields = new Fields();
      JsonReader.readObject(value, fields::field);
      int end = Math.toIntExact(value.currentLocation().getCharOffset());
      Digest digest = fields.digest;
      if (digest != null && fields.hasType && fields.hasSize) {
        found.putIfAbsent(
            digest,
            new Entry(
                digest, Optional.ofNullable(fields.artifactType), text.substring(start, end)));
      }
    }
  }

  /** What is read of one descriptor. */
  private static final class Fields {
    private @Nullable Digest digest;
    private @Nullable String artifactType;
    private boolean hasType;
    private boolean hasSize;

    void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "mediaType" -> hasType = value.currentToken() == JsonToken.VALUE_STRING;
        case "digest" -> digest = JsonReader.text(value).flatMap(Digest::tryParse).orElse(null);
        case "artifactType" -> artifactType = JsonReader.text(value).orElse(null);
        case "size" ->
            hasSize = JsonReader.wholeNumber(value).filter(size -> size >= 0).isPresent();
        default -> {
          // Kept in the text.
        }
      }
    }
  }

  /** This listing and the next page of it. */
  public ReferrersIndex with(ReferrersIndex next) {
    Map<Digest, Entry> all = new LinkedHashMap<>();
    for (ReferrersIndex page : List.of(this, next)) {
      page.entries.forEach(entry -> all.putIfAbsent(entry.digest(), entry));
    }
    return new ReferrersIndex(all.values());
  }

  /** The referrers of this artifact type only. */
  public ReferrersIndex ofType(String artifactType) {
    Optional<String> wanted = Optional.of(artifactType);
    return new ReferrersIndex(
        entries.stream().filter(entry -> entry.artifactType().equals(wanted)).toList());
  }

  /** Whether nothing refers to the subject. */
  public boolean isEmpty() {
    return entries.isEmpty();
  }

  /** The digests listed, in order. */
  public List<Digest> digests() {
    return entries.stream().map(Entry::digest).toList();
  }

  /** The listing as an OCI image index. */
  public byte[] toBytes() {
    StringBuilder json =
        new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"")
            .append(MediaType.OCI_INDEX.value())
            .append("\",\"manifests\":[");
    String separator = "";
    for (Entry entry : entries) {
      json.append(separator).append(entry.json());
      separator = ",";
    }
    return json.append("]}").toString().getBytes(StandardCharsets.UTF_8);
  }
}
