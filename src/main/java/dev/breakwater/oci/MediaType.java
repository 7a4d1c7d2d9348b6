package dev.breakwater.oci;

import java.util.List;
import java.util.Locale;

/**
 * A media type without parameters, in lower case: {@code
 * application/vnd.oci.image.manifest.v1+json}.
 *
 * @param value type and subtype
 */
public record MediaType(String value) {
  /** OCI image index. */
  public static final MediaType OCI_INDEX =
      new MediaType("application/vnd.oci.image.index.v1+json");

  /** OCI image manifest. */
  public static final MediaType OCI_MANIFEST =
      new MediaType("application/vnd.oci.image.manifest.v1+json");

  /** OCI image configuration. */
  public static final MediaType OCI_CONFIG =
      new MediaType("application/vnd.oci.image.config.v1+json");

  /** Docker manifest list. */
  public static final MediaType DOCKER_LIST =
      new MediaType("application/vnd.docker.distribution.manifest.list.v2+json");

  /** Docker image manifest, schema 2. */
  public static final MediaType DOCKER_MANIFEST =
      new MediaType("application/vnd.docker.distribution.manifest.v2+json");

  /** Any bytes. */
  public static final MediaType OCTET_STREAM = new MediaType("application/octet-stream");

  /** The manifest types asked of upstream, in the order of preference clients state them. */
  public static final List<MediaType> MANIFESTS =
      List.of(OCI_INDEX, OCI_MANIFEST, DOCKER_LIST, DOCKER_MANIFEST);

  /** Reads a {@code Content-Type}; parameters such as {@code ;charset} are dropped. */
  public static MediaType parse(String text) {
    int semicolon = text.indexOf(';');
    String bare = semicolon < 0 ? text : text.substring(0, semicolon);
    return new MediaType(bare.trim().toLowerCase(Locale.ROOT));
  }

  /** Whether it names a list of manifests. */
  public boolean isIndex() {
    return equals(OCI_INDEX) || equals(DOCKER_LIST);
  }

  /** Whether it names a manifest that can be addressed by the digest of its bytes. */
  public boolean isManifest() {
    return MANIFESTS.contains(this);
  }

  /** Whether it names the dead schema 1, whose signed form does not hash to its digest. */
  public boolean isSchema1() {
    return value.startsWith("application/vnd.docker.distribution.manifest.v1+");
  }

  /** Whether it names a layer that is fetched from elsewhere. */
  boolean isForeignLayer() {
    return value.contains(".nondistributable.") || value.contains(".foreign.");
  }

  @Override
  public String toString() {
    return value;
  }
}
