package dev.breakwater.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * A listing of referrers: the descriptors of the manifests that name one subject. Immutable.
 * Descriptors keep all their fields; no digest is listed twice.
 */
public final class ReferrersIndex {
  private static final String MANIFESTS = "manifests";
  private static final String MEDIA_TYPE = "mediaType";
  private static final String DIGEST = "digest";

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /** The listing of a subject without referrers. */
  public static final ReferrersIndex EMPTY = new ReferrersIndex(List.of());

  private final List<JsonNode> descriptors;

  private ReferrersIndex(Collection<JsonNode> descriptors) {
    this.descriptors = List.copyOf(descriptors);
  }

  /**
   * Reads an image index, or one page of one. Entries that are no descriptors are left out.
   *
   * @return empty if it is something else: not JSON, of another media type, without {@code
   *     manifests}
   */
  public static Optional<ReferrersIndex> parse(byte[] bytes) {
    JsonNode root;
    try {
      root = MAPPER.readTree(bytes);
    } catch (IOException e) {
      return Optional.empty();
    }
    if (root == null || !root.isObject() || !isIndex(root)) {
      return Optional.empty();
    }
    Map<String, JsonNode> found = new LinkedHashMap<>();
    for (JsonNode entry : root.path(MANIFESTS)) {
      if (isDescriptor(entry)) {
        found.putIfAbsent(entry.path(DIGEST).textValue(), entry);
      }
    }
    return Optional.of(new ReferrersIndex(found.values()));
  }

  /** Registries written in Go may send null for an empty list. */
  private static boolean isIndex(JsonNode root) {
    JsonNode manifests = root.get(MANIFESTS);
    JsonNode type = root.get(MEDIA_TYPE);
    return manifests != null
        && (manifests.isArray() || manifests.isNull())
        && !root.has("layers")
        && !root.has("config")
        && (type == null
            || type.isNull()
            || MediaType.parse(type.asText()).equals(MediaType.OCI_INDEX));
  }

  private static boolean isDescriptor(JsonNode entry) {
    JsonNode size = entry.path("size");
    return entry.isObject()
        && entry.path(MEDIA_TYPE).isTextual()
        && entry.path(DIGEST).isTextual()
        && Digest.tryParse(entry.path(DIGEST).textValue()).isPresent()
        && size.isIntegralNumber()
        && size.canConvertToLong()
        && size.longValue() >= 0;
  }

  /** This listing and the next page of it. */
  public ReferrersIndex with(ReferrersIndex next) {
    Map<String, JsonNode> all = new LinkedHashMap<>();
    for (ReferrersIndex page : List.of(this, next)) {
      page.descriptors.forEach(entry -> all.putIfAbsent(entry.path(DIGEST).textValue(), entry));
    }
    return new ReferrersIndex(all.values());
  }

  /** The referrers of this artifact type only. */
  public ReferrersIndex ofType(String artifactType) {
    Predicate<JsonNode> matches =
        entry -> artifactType.equals(entry.path("artifactType").textValue());
    return new ReferrersIndex(descriptors.stream().filter(matches).toList());
  }

  /** Whether nothing refers to the subject. */
  public boolean isEmpty() {
    return descriptors.isEmpty();
  }

  /** The digests listed, in order. */
  public List<Digest> digests() {
    List<Digest> digests = new ArrayList<>(descriptors.size());
    descriptors.forEach(entry -> digests.add(Digest.parse(entry.path(DIGEST).textValue())));
    return digests;
  }

  /** The listing as an OCI image index. */
  public byte[] toBytes() {
    ObjectNode root = MAPPER.createObjectNode();
    root.put("schemaVersion", 2);
    root.put(MEDIA_TYPE, MediaType.OCI_INDEX.value());
    ArrayNode manifests = root.putArray(MANIFESTS);
    descriptors.forEach(manifests::add);
    try {
      return MAPPER.writeValueAsBytes(root);
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }
}
