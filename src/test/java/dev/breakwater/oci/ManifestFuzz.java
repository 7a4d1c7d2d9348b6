package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.fuzz.NaiveJson;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Manifests, against a second reader of JSON and the rules of what a manifest must have. */
public final class ManifestFuzz {
  private ManifestFuzz() {}

  /** One byte that chooses the announced media type, then the manifest. */
  public static void fuzzerTestOneInput(byte[] input) {
    if (input.length == 0) {
      return;
    }
    MediaType announced = MediaType.MANIFESTS.get(input[0] & 3);
    byte[] bytes = Arrays.copyOfRange(input, 1, input.length);
    Optional<NaiveJson.Fields> document = NaiveJson.document(bytes, JsonReader.MAX_DEPTH);
    ManifestDocument manifest;
    try {
      manifest = ManifestDocument.parse(announced, bytes);
    } catch (RegistryException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
      assertThat(e).hasMessageMatching("[ -~]{1,2000}");
      assertThat(document.filter(fields -> isManifest(announced, fields))).isEmpty();
      return;
    }
    assertThat(document.filter(fields -> isManifest(announced, fields))).isPresent();
    checkContent(manifest, document.get());
    checkOneMeaning(announced, manifest, bytes);
  }

  private static boolean isManifest(MediaType announced, NaiveJson.Fields fields) {
    boolean image = Stream.of("config", "layers", "fsLayers").anyMatch(fields(fields)::contains);
    boolean index = fields.get("manifests").isPresent();
    return !fields.hasTwins()
        && fields.all().size() <= JsonReader.MAX_FIELDS
        && fields.text("mediaType").map(MediaType::parse).orElse(announced).equals(announced)
        && !(announced.isIndex() ? image : index)
        && isList(fields.get("layers"))
        && isList(fields.get("manifests"))
        && isOne(fields.get("config"))
        && isOne(fields.get("subject"));
  }

  private static List<String> fields(NaiveJson.Fields fields) {
    return fields.all().stream().map(NaiveJson.Field::name).toList();
  }

  private static boolean isOne(Optional<NaiveJson.Value> value) {
    return value.isEmpty() || isNull(value.get()) || isDescriptor(value.get());
  }

  private static boolean isList(Optional<NaiveJson.Value> value) {
    return value.isEmpty()
        || isNull(value.get())
        || (value.get() instanceof NaiveJson.Items(var items)
            && items.size() <= ManifestDocument.MAX_DESCRIPTORS
            && items.stream().allMatch(ManifestFuzz::isDescriptor));
  }

  private static boolean isNull(NaiveJson.Value value) {
    return value.equals(new NaiveJson.Word("null"));
  }

  private static boolean isDescriptor(NaiveJson.Value value) {
    return value instanceof NaiveJson.Fields fields
        && isSound(fields)
        && fields.text("mediaType").isPresent()
        && fields.text("digest").flatMap(Digest::tryParse).isPresent()
        && size(fields) >= 0
        && !(fields.get("platform").orElse(null) instanceof NaiveJson.Fields platform
            && !isSound(platform));
  }

  private static boolean isSound(NaiveJson.Fields fields) {
    return !fields.hasTwins() && fields.all().size() <= JsonReader.MAX_FIELDS;
  }

  /** -1 if it is missing or no whole number of a long. */
  private static long size(NaiveJson.Fields fields) {
    try {
      return fields.get("size").orElse(null) instanceof NaiveJson.Digits(var digits)
          ? Long.parseLong(digits)
          : -1;
    } catch (NumberFormatException e) {
      return -1;
    }
  }

  private static void checkContent(ManifestDocument manifest, NaiveJson.Fields fields) {
    assertThat(texts(manifest.layers().stream())).isEqualTo(texts(fields, "layers"));
    assertThat(texts(manifest.manifests().stream())).isEqualTo(texts(fields, "manifests"));
    assertThat(texts(manifest.config().stream())).isEqualTo(texts(fields, "config"));
    assertThat(texts(manifest.subject().stream())).isEqualTo(texts(fields, "subject"));
    assertThat(manifest.blobs().size())
        .isLessThanOrEqualTo(manifest.layers().size() + manifest.config().stream().toList().size());
  }

  private static List<String> texts(Stream<Descriptor> descriptors) {
    return descriptors.map(it -> it.digest() + " " + it.size()).toList();
  }

  private static List<String> texts(NaiveJson.Fields fields, String name) {
    Stream<NaiveJson.Value> values =
        switch (fields.get(name).orElse(null)) {
          case NaiveJson.Items(var items) -> items.stream();
          case NaiveJson.Fields one -> Stream.of(one);
          case null, default -> Stream.empty();
        };
    return values
        .map(NaiveJson.Fields.class::cast)
        .map(it -> it.text("digest").orElseThrow() + " " + size(it))
        .toList();
  }

  /** What refers to something as an image must not do so as an index, and the other way round. */
  private static void checkOneMeaning(
      MediaType announced, ManifestDocument manifest, byte[] bytes) {
    if (manifest.layers().isEmpty() && manifest.manifests().isEmpty()) {
      return;
    }
    for (MediaType other : MediaType.MANIFESTS) {
      if (other.isIndex() != announced.isIndex()) {
        try {
          ManifestDocument.parse(other, bytes);
        } catch (RegistryException e) {
          continue;
        }
        throw new AssertionError("taken as " + announced + " and as " + other);
      }
    }
  }
}
