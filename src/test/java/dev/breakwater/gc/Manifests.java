package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Makes manifests of a few blobs or manifests. */
final class Manifests {
  private static final String LAYER = "application/vnd.oci.image.layer.v1.tar";

  private Manifests() {}

  static Manifest image(Digest... layers) {
    return image(List.of(layers), Optional.empty());
  }

  /** One that refers to another manifest. */
  static Manifest referrer(Digest subject, Digest... layers) {
    return image(List.of(layers), Optional.of(subject));
  }

  static Manifest image(List<Digest> layers, Optional<Digest> subject) {
    return manifest(MediaType.OCI_MANIFEST, "layers", LAYER, layers, subject);
  }

  static Manifest index(Manifest... children) {
    return index(List.of(children).stream().map(Manifest::digest).toList(), Optional.empty());
  }

  static Manifest index(List<Digest> children, Optional<Digest> subject) {
    return manifest(
        MediaType.OCI_INDEX, "manifests", MediaType.OCI_MANIFEST.value(), children, subject);
  }

  /** What BuildKit pushes as its cache: an index whose entries are layers. */
  static Manifest buildCache(Digest... layers) {
    return manifest(MediaType.OCI_INDEX, "manifests", LAYER, List.of(layers), Optional.empty());
  }

  /** What a push or a pull puts into the index: the manifest, and links to what it names. */
  static List<Change> storing(ZoneName zone, RepositoryName repository, Manifest manifest) {
    List<Change> changes = new ArrayList<>();
    changes.add(
        Tables.MANIFESTS.put(new InRepository<>(zone, repository, manifest.digest()), manifest));
    ManifestDocument document = ManifestDocument.parse(manifest.mediaType(), manifest.bytes());
    Stream.concat(document.layers().stream(), document.manifests().stream())
        .filter(entry -> entry.mediaType().value().equals(LAYER))
        .forEach(
            blob ->
                changes.add(
                    Tables.LINKS.put(
                        new InRepository<>(zone, repository, blob.digest()),
                        new LinkRecord(blob.mediaType(), blob.size()))));
    return changes;
  }

  private static Manifest manifest(
      MediaType type, String field, String entries, List<Digest> names, Optional<Digest> subject) {
    String list =
        names.stream().map(name -> descriptor(entries, name)).collect(Collectors.joining(","));
    String refersTo =
        subject
            .map(of -> ",\"subject\":" + descriptor(MediaType.OCI_MANIFEST.value(), of))
            .orElse("");
    byte[] bytes =
        ("{\"schemaVersion\":2,\"" + field + "\":[" + list + "]" + refersTo + "}")
            .getBytes(StandardCharsets.UTF_8);
    return new Manifest(Digest.ofSha256(bytes), type, bytes);
  }

  private static String descriptor(String type, Digest digest) {
    return "{\"mediaType\":\"" + type + "\",\"digest\":\"" + digest + "\",\"size\":4096}";
  }
}
