package dev.breakwater.oci;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

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

  /**
   * Reads a manifest of the announced type.
   *
   * @throws RegistryException {@code MANIFEST_INVALID} naming what is wrong
   */
  public static ManifestDocument parse(MediaType announced, byte[] bytes) {
    if (announced.isSchema1()) {
      throw ManifestReader.invalid(
          "schema 1 manifests are not supported: the image must be pushed again by a current"
              + " client");
    }
    if (bytes.length > Manifest.MAX_SIZE) {
      throw ManifestReader.invalid("it is larger than " + Manifest.MAX_SIZE + " bytes");
    }
    if (!announced.value().startsWith("application/vnd.")) {
      throw ManifestReader.invalid(
          "its media type " + Quoted.of(announced.value()) + " is not a manifest's");
    }
    return ManifestReader.read(announced, bytes);
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
}
