package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Builds a {@link TestImage}. Generated layers depend on the seed, their place and their size, so
 * images with different seeds share nothing. Layers are random bytes under whatever media type they
 * are given, unless {@link #tarLayer} makes a real archive.
 */
public final class ImageBuilder {
  private record Layer(String mediaType, Content content, String url) {}

  private final MediaType manifestType;
  private final List<Layer> layers = new ArrayList<>();
  private final Map<String, String> annotations = new LinkedHashMap<>();
  private String layerType;
  private String platform = "linux/amd64";
  private long seed = 1;
  private String subject = "";
  private Optional<Digest> subjectDigest = Optional.empty();
  private String artifactType = "";

  ImageBuilder(MediaType manifestType) {
    this.manifestType = manifestType;
    this.layerType =
        isDocker()
            ? "application/vnd.docker.image.rootfs.diff.tar.gzip"
            : "application/vnd.oci.image.layer.v1.tar+gzip";
  }

  private boolean isDocker() {
    return manifestType.equals(MediaType.DOCKER_MANIFEST);
  }

  /** What generated layers and the config are made from; 1 unless told. Set before the layers. */
  public ImageBuilder seed(long value) {
    seed = value;
    return this;
  }

  /** {@code os/architecture[/variant]}; linux/amd64 unless told. */
  public ImageBuilder platform(String value) {
    platform = value;
    return this;
  }

  /** Gives the following layers the zstd type. */
  public ImageBuilder zstd() {
    return layerType("application/vnd.oci.image.layer.v1.tar+zstd");
  }

  /** Gives the following layers that type. */
  public ImageBuilder layerType(String mediaType) {
    layerType = mediaType;
    return this;
  }

  /** Adds a generated layer of that size. */
  public ImageBuilder layer(long size) {
    return layer(generated(size));
  }

  /** Adds as many generated layers of that size. */
  public ImageBuilder layers(int count, long size) {
    for (int i = 0; i < count; i++) {
      layer(size);
    }
    return this;
  }

  /** Adds a layer. */
  public ImageBuilder layer(Content content) {
    layers.add(new Layer(layerType, content, ""));
    return this;
  }

  /** Adds a layer that is a tar archive of one generated file of that size. */
  public ImageBuilder tarLayer(long fileSize) {
    String name = "layer-" + layers.size() + ".bin";
    String type =
        isDocker()
            ? "application/vnd.docker.image.rootfs.diff.tar"
            : "application/vnd.oci.image.layer.v1.tar";
    layers.add(new Layer(type, Content.tar(name, generated(fileSize)), ""));
    return this;
  }

  /** Adds a foreign layer, which the registry need not have. */
  public ImageBuilder foreignLayer(Content content, String url) {
    layers.add(
        new Layer("application/vnd.docker.image.rootfs.foreign.diff.tar.gzip", content, url));
    return this;
  }

  private Content generated(long size) {
    return Content.generated(seed * 1_000_003 + layers.size(), size);
  }

  /** Makes it refer to that image. */
  public ImageBuilder subject(TestImage image) {
    subject = image.descriptor();
    subjectDigest = Optional.of(image.digest());
    return this;
  }

  /** Its artifact type. */
  public ImageBuilder artifactType(String value) {
    artifactType = value;
    return this;
  }

  /** An annotation of the manifest. */
  public ImageBuilder annotation(String key, String value) {
    annotations.put(key, value);
    return this;
  }

  /** The image. */
  public TestImage build() {
    Content config = Content.of(config());
    List<Content> blobs = new ArrayList<>();
    blobs.add(config);
    layers.stream().filter(layer -> layer.url.isEmpty()).forEach(l -> blobs.add(l.content));
    return new TestImage(
        manifestType,
        manifest(config),
        blobs,
        layers.stream().map(Layer::content).toList(),
        List.of(),
        platform,
        subjectDigest,
        artifactType,
        annotations);
  }

  private String config() {
    String[] parts = platform.split("/", -1);
    List<String> diffIds =
        layers.stream().map(layer -> JsonText.quote(layer.content.digest().toString())).toList();
    return "{\"architecture\":"
        + JsonText.quote(parts[1])
        + ",\"os\":"
        + JsonText.quote(parts[0])
        + ",\"config\":{\"Labels\":{\"seed\":\""
        + seed
        + "\"}},\"rootfs\":{\"type\":\"layers\",\"diff_ids\":["
        + String.join(",", diffIds)
        + "]}}";
  }

  private String manifest(Content config) {
    String configType =
        isDocker()
            ? "application/vnd.docker.container.image.v1+json"
            : MediaType.OCI_CONFIG.value();
    StringBuilder text =
        new StringBuilder("{\"schemaVersion\":2,\"mediaType\":")
            .append(JsonText.quote(manifestType.value()));
    if (!artifactType.isEmpty()) {
      text.append(",\"artifactType\":").append(JsonText.quote(artifactType));
    }
    text.append(",\"config\":")
        .append(descriptor(new Layer(configType, config, "")))
        .append(",\"layers\":[")
        .append(String.join(",", layers.stream().map(ImageBuilder::descriptor).toList()))
        .append(']');
    if (!subject.isEmpty()) {
      text.append(",\"subject\":").append(subject);
    }
    if (!annotations.isEmpty()) {
      text.append(",\"annotations\":").append(JsonText.object(annotations));
    }
    return text.append('}').toString();
  }

  private static String descriptor(Layer layer) {
    String urls = layer.url.isEmpty() ? "" : ",\"urls\":[" + JsonText.quote(layer.url) + "]";
    return "{\"mediaType\":"
        + JsonText.quote(layer.mediaType)
        + ",\"size\":"
        + layer.content.size()
        + ",\"digest\":\""
        + layer.content.digest()
        + "\""
        + urls
        + "}";
  }
}
