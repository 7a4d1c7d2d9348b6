package dev.breakwater.oci;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a manifest's JSON refers to. Reading it is also the check that the bytes are a manifest at
 * all, of the type they were announced as: the same bytes must never pass as an image to one client
 * and as an index to another (CVE-2021-41190).
 *
 * @param mediaType the announced type, which the document agrees with
 * @param config the configuration blob of an image or artifact
 * @param layers the layer blobs of an image, in order
 * @param manifests the children of an index, in order
 * @param subject the manifest this one refers to
 */
public record ManifestDocument(
    MediaType mediaType,
    Optional<Descriptor> config,
    List<Descriptor> layers,
    List<Descriptor> manifests,
    Optional<Descriptor> subject) {

  /** The most layers or children a manifest may list. */
  public static final int MAX_DESCRIPTORS = 1000;

  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(64).build())
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  /**
   * Reads a manifest of the announced type.
   *
   * @throws RegistryException {@code MANIFEST_INVALID} naming what is wrong
   */
  public static ManifestDocument parse(MediaType announced, byte[] bytes) {
    if (announced.isSchema1()) {
      throw invalid(
          "schema 1 manifests are not supported: the image must be pushed again by a current"
              + " client");
    }
    if (bytes.length > Manifest.MAX_SIZE) {
      throw invalid("it is larger than " + Manifest.MAX_SIZE + " bytes");
    }
    if (!announced.value().startsWith("application/vnd.")) {
      throw invalid("its media type " + Quoted.of(announced.value()) + " is not a manifest's");
    }
    JsonNode root = readObject(bytes);
    String stated = text(root, "mediaType");
    if (stated != null && !MediaType.parse(stated).equals(announced)) {
      throw invalid("it was announced as " + announced + " but calls itself " + Quoted.of(stated));
    }
    boolean image = root.has("layers") || root.has("config") || root.has("fsLayers");
    if (image && root.has("manifests")) {
      throw invalid("it is both an image and an index");
    }
    if (announced.isIndex() ? image : announced.isManifest() && root.has("manifests")) {
      throw invalid("its fields do not fit its media type " + announced);
    }
    return new ManifestDocument(
        announced,
        optional(root, "config"),
        list(root, "layers"),
        list(root, "manifests"),
        optional(root, "subject"));
  }

  /** Config and layers: every blob that this registry must be able to serve for the image. */
  public List<Descriptor> blobs() {
    List<Descriptor> blobs = new ArrayList<>(layers.size() + 1);
    config.ifPresent(blobs::add);
    for (Descriptor layer : layers) {
      if (!layer.external()) {
        blobs.add(layer);
      }
    }
    return blobs;
  }

  private static JsonNode readObject(byte[] bytes) {
    try {
      JsonNode root = MAPPER.readTree(bytes);
      if (root == null || !root.isObject()) {
        throw invalid("it is not a JSON object");
      }
      return root;
    } catch (IOException e) {
      throw new RegistryException(
          ErrorCode.MANIFEST_INVALID, "manifest is not valid: it is not well-formed JSON", e);
    }
  }

  private static Optional<Descriptor> optional(JsonNode root, String field) {
    JsonNode node = root.get(field);
    return node == null || node.isNull() ? Optional.empty() : Optional.of(descriptor(node, field));
  }

  private static List<Descriptor> list(JsonNode root, String field) {
    JsonNode array = root.get(field);
    if (array == null || array.isNull()) {
      return List.of();
    }
    if (!array.isArray()) {
      throw invalid("'" + field + "' is not an array");
    }
    if (array.size() > MAX_DESCRIPTORS) {
      throw invalid("'" + field + "' has more than " + MAX_DESCRIPTORS + " entries");
    }
    List<Descriptor> descriptors = new ArrayList<>(array.size());
    for (JsonNode node : array) {
      descriptors.add(descriptor(node, field));
    }
    return List.copyOf(descriptors);
  }

  private static Descriptor descriptor(JsonNode node, String field) {
    String mediaType = text(node, "mediaType");
    String digest = text(node, "digest");
    JsonNode size = node.get("size");
    if (mediaType == null || digest == null || size == null || !size.canConvertToLong()) {
      throw invalid("an entry of '" + field + "' lacks mediaType, digest or size");
    }
    if (size.longValue() < 0) {
      throw invalid("an entry of '" + field + "' has a negative size");
    }
    MediaType type = MediaType.parse(mediaType);
    Digest parsed =
        Digest.tryParse(digest)
            .orElseThrow(
                () -> invalid("'" + field + "' has the malformed digest " + Quoted.of(digest)));
    return new Descriptor(
        type, parsed, size.longValue(), platform(node.get("platform")), isExternal(node, type));
  }

  private static boolean isExternal(JsonNode node, MediaType type) {
    return node.path("urls").size() > 0
        || type.value().contains(".nondistributable.")
        || type.value().contains(".foreign.");
  }

  private static String platform(@Nullable JsonNode platform) {
    if (platform == null || !platform.isObject()) {
      return "";
    }
    String os = platform.path("os").asText("");
    String architecture = platform.path("architecture").asText("");
    String variant = platform.path("variant").asText("");
    String text = os + "/" + architecture;
    return variant.isEmpty() ? text : text + "/" + variant;
  }

  private static @Nullable String text(JsonNode node, String field) {
    JsonNode value = node.get(field);
    return value == null || !value.isTextual() ? null : value.textValue();
  }

  private static RegistryException invalid(String reason) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, "manifest is not valid: " + reason);
  }
}
