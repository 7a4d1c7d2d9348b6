package dev.breakwater.oci;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads one manifest's JSON and keeps what it refers to. */
final class ManifestReader {
  private final MediaType announced;
  private final Set<String> present = new HashSet<>();
  private @Nullable String stated;
  private @Nullable Descriptor config;
  private @Nullable Descriptor subject;
  private List<Descriptor> layers = List.of();
  private List<Descriptor> manifests = List.of();

  private ManifestReader(MediaType announced) {
    this.announced = announced;
  }

  /**
   * The manifest of the announced type.
   *
   * @throws RegistryException {@code MANIFEST_INVALID} naming what is wrong
   */
  static ManifestDocument read(MediaType announced, byte[] bytes) {
    ManifestReader reader = new ManifestReader(announced);
    try {
      JsonReader.readDocument(bytes, reader::field);
    } catch (IOException e) {
      throw new RegistryException(
          ErrorCode.MANIFEST_INVALID,
          "manifest is not valid: it is not one well-formed JSON object within the limits",
          e);
    }
    return reader.document();
  }

  private void field(String name, JsonParser value) throws IOException {
    switch (name) {
      case "mediaType" -> stated = JsonReader.text(value).orElse(null);
      case "config" -> config = optional(name, value);
      case "subject" -> subject = optional(name, value);
      case "layers" -> layers = list(name, value);
      case "manifests" -> manifests = list(name, value);
      case "fsLayers" -> {
        // Of schema 1; that it is there is enough.
      }
      default -> {
        return;
      }
    }
    present.add(name);
  }

  private ManifestDocument document() {
    if (stated != null && !MediaType.parse(stated).equals(announced)) {
      throw invalid("it was announced as " + announced + " but calls itself " + Quoted.of(stated));
    }
    boolean image =
        present.contains("layers") || present.contains("config") || present.contains("fsLayers");
    boolean index = present.contains("manifests");
    if (image && index) {
      throw invalid("it is both an image and an index");
    }
    if (announced.isIndex() ? image : announced.isManifest() && index) {
      throw invalid("its fields do not fit its media type " + announced);
    }
    return new ManifestDocument(
        announced, Optional.ofNullable(config), layers, manifests, Optional.ofNullable(subject));
  }

  private static @Nullable Descriptor optional(String field, JsonParser value) throws IOException {
    return value.currentToken() == JsonToken.VALUE_NULL ? null : descriptor(field, value);
  }

  private static List<Descriptor> list(String field, JsonParser value) throws IOException {
    if (value.currentToken() == JsonToken.VALUE_NULL) {
      return List.of();
    }
    if (value.currentToken() != JsonToken.START_ARRAY) {
      throw invalid("'" + field + "' is not an array");
    }
    List<Descriptor> descriptors = new ArrayList<>();
    JsonReader.readArray(
        value,
        entry -> {
          if (descriptors.size() == ManifestDocument.MAX_DESCRIPTORS) {
            throw invalid(
                "'" + field + "' has more than " + ManifestDocument.MAX_DESCRIPTORS + " entries");
          }
          descriptors.add(descriptor(field, entry));
        });
    return List.copyOf(descriptors);
  }

  private static Descriptor descriptor(String field, JsonParser value) throws IOException {
    DescriptorFields fields = new DescriptorFields();
    if (value.currentToken() == JsonToken.START_OBJECT) {
      JsonReader.readObject(value, fields::field);
    }
    String mediaType = fields.mediaType;
    String digest = fields.digest;
    Long size = fields.size;
    if (mediaType == null || digest == null || size == null) {
      throw invalid("an entry of '" + field + "' lacks mediaType, digest or size");
    }
    if (size < 0) {
      throw invalid("an entry of '" + field + "' has a negative size");
    }
    MediaType type = MediaType.parse(mediaType);
    Digest parsed =
        Digest.tryParse(digest)
            .orElseThrow(
                () -> invalid("'" + field + "' has the malformed digest " + Quoted.of(digest)));
    return new Descriptor(
        type, parsed, size, fields.platform, fields.urls || type.isForeignLayer());
  }

  /** The fields of one descriptor. */
  private static final class DescriptorFields {
    private @Nullable String mediaType;
    private @Nullable String digest;
    private @Nullable Long size;
    private String platform = "";
    private boolean urls;

    void field(String name, JsonParser value) throws IOException {
      switch (name) {
        case "mediaType" -> mediaType = JsonReader.text(value).orElse(null);
        case "digest" -> digest = JsonReader.text(value).orElse(null);
        case "size" -> size = JsonReader.wholeNumber(value).orElse(null);
        case "platform" -> platform = platform(value);
        case "urls" -> urls = isNotEmpty(value);
        default -> {
          // Not needed.
        }
      }
    }

    private static boolean isNotEmpty(JsonParser value) throws IOException {
      if (value.currentToken() != JsonToken.START_ARRAY) {
        return false;
      }
      boolean[] found = {false};
      JsonReader.readArray(value, element -> found[0] = true);
      return found[0];
    }

    private static String platform(JsonParser value) throws IOException {
      if (value.currentToken() != JsonToken.START_OBJECT) {
        return "";
      }
      String[] parts = {"", "", ""};
      JsonReader.readObject(
          value,
          (name, part) -> {
            switch (name) {
              case "os" -> parts[0] = JsonReader.text(part).orElse("");
              case "architecture" -> parts[1] = JsonReader.text(part).orElse("");
              case "variant" -> parts[2] = JsonReader.text(part).orElse("");
              default -> {
                // Not needed.
              }
            }
          });
      String text = parts[0] + "/" + parts[1];
      return parts[2].isEmpty() ? text : text + "/" + parts[2];
    }
  }

  static RegistryException invalid(String reason) {
    return new RegistryException(ErrorCode.MANIFEST_INVALID, "manifest is not valid: " + reason);
  }
}
