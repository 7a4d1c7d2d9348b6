package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * An image as a registry holds it: a manifest's exact bytes and the blobs or further images it
 * names. Also an index of images, and an artifact that refers to a subject. Immutable.
 *
 * <pre>{@code
 * TestImage image = TestImage.docker().seed(7).layer(1_000_000).layer(20_000).build();
 * TestImage both = TestImage.ociIndex(amd64, arm64);
 * }</pre>
 */
public final class TestImage {
  private final MediaType mediaType;
  private final Content manifest;
  private final Map<Digest, Content> blobs;
  private final List<Content> layers;
  private final List<TestImage> children;
  private final String platform;
  private final Optional<Digest> subject;
  private final String artifactType;
  private final Map<String, String> annotations;

  TestImage(
      MediaType mediaType,
      String manifest,
      List<Content> blobs,
      List<Content> layers,
      List<TestImage> children,
      String platform,
      Optional<Digest> subject,
      String artifactType,
      Map<String, String> annotations) {
    this.mediaType = mediaType;
    this.manifest = Content.of(manifest);
    Map<Digest, Content> byDigest = new LinkedHashMap<>();
    blobs.forEach(blob -> byDigest.put(blob.digest(), blob));
    this.blobs = Collections.unmodifiableMap(byDigest);
    this.layers = List.copyOf(layers);
    this.children = List.copyOf(children);
    this.platform = platform;
    this.subject = subject;
    this.artifactType = artifactType;
    this.annotations = Map.copyOf(annotations);
  }

  /** Begins an image with a Docker schema 2 manifest. */
  public static ImageBuilder docker() {
    return new ImageBuilder(MediaType.DOCKER_MANIFEST);
  }

  /** Begins an image with an OCI manifest. */
  public static ImageBuilder oci() {
    return new ImageBuilder(MediaType.OCI_MANIFEST);
  }

  /** An OCI index of images, each with its own platform. */
  public static TestImage ociIndex(TestImage... images) {
    return index(MediaType.OCI_INDEX, List.of(images));
  }

  /** A Docker manifest list of images, each with its own platform. */
  public static TestImage dockerList(TestImage... images) {
    return index(MediaType.DOCKER_LIST, List.of(images));
  }

  private static TestImage index(MediaType mediaType, List<TestImage> images) {
    return new TestImage(
        mediaType,
        indexOf(mediaType, images),
        List.of(),
        List.of(),
        images,
        "",
        Optional.empty(),
        "",
        Map.of());
  }

  /** The text of an index that lists these. */
  static String indexOf(MediaType mediaType, List<TestImage> images) {
    return "{\"schemaVersion\":2,\"mediaType\":"
        + JsonText.quote(mediaType.value())
        + ",\"manifests\":["
        + String.join(",", images.stream().map(TestImage::descriptor).toList())
        + "]}";
  }

  /** This image as an index or a list of referrers describes it. */
  String descriptor() {
    StringBuilder text =
        new StringBuilder("{\"mediaType\":")
            .append(JsonText.quote(mediaType.value()))
            .append(",\"digest\":\"")
            .append(digest())
            .append("\",\"size\":")
            .append(manifest.size());
    if (!platform.isEmpty()) {
      String[] parts = platform.split("/", -1);
      text.append(",\"platform\":{\"architecture\":")
          .append(JsonText.quote(parts[1]))
          .append(",\"os\":")
          .append(JsonText.quote(parts[0]));
      if (parts.length > 2) {
        text.append(",\"variant\":").append(JsonText.quote(parts[2]));
      }
      text.append('}');
    }
    if (!artifactType.isEmpty()) {
      text.append(",\"artifactType\":").append(JsonText.quote(artifactType));
    }
    if (!annotations.isEmpty()) {
      text.append(",\"annotations\":").append(JsonText.object(annotations));
    }
    return text.append('}').toString();
  }

  /** What the manifest is. */
  public MediaType mediaType() {
    return mediaType;
  }

  /** The manifest's bytes. */
  public Content manifest() {
    return manifest;
  }

  /** The manifest's digest. */
  public Digest digest() {
    return manifest.digest();
  }

  /** Config and layers by digest; empty for an index. */
  public Map<Digest, Content> blobs() {
    return blobs;
  }

  /** The config. */
  public Content config() {
    return blobs.values().iterator().next();
  }

  /** The layers from the bottom up. */
  public List<Content> layers() {
    return layers;
  }

  /** One layer, counted from 0. */
  public Content layer(int index) {
    return layers.get(index);
  }

  /** The images of an index. */
  public List<TestImage> children() {
    return children;
  }

  /** {@code os/architecture[/variant]}. */
  public String platform() {
    return platform;
  }

  /** What it refers to. */
  public Optional<Digest> subject() {
    return subject;
  }

  /** The artifact type, or empty text. */
  public String artifactType() {
    return artifactType;
  }
}
