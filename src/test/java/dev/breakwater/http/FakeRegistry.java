package dev.breakwater.http;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.ReferrersListing;
import dev.breakwater.registry.Registry;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.Served;
import dev.breakwater.registry.UndividedRepository;
import io.vertx.core.Future;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;

/** A registry in memory whose content, provenance and failures a test sets. */
final class FakeRegistry implements Registry {
  private final ZoneName zone;
  private final Map<String, Manifest> manifests = new ConcurrentHashMap<>();
  private final Map<Digest, Supplier<BlobBody>> blobs = new ConcurrentHashMap<>();
  private final Map<Digest, Long> sizes = new ConcurrentHashMap<>();
  private final Map<String, List<Tag>> tags = new ConcurrentHashMap<>();

  volatile Provenance provenance = Provenance.HIT;
  volatile RuntimeException failure;
  volatile Future<Void> gate = Future.succeededFuture();
  volatile Runnable onAsked = () -> {};
  volatile Optional<String> askedArtifactType = Optional.empty();

  FakeRegistry(String zone) {
    this.zone = new ZoneName(zone);
  }

  @Override
  public ZoneName zone() {
    return zone;
  }

  /** Stores a manifest under a tag and its digest. */
  Manifest putManifest(String repository, String tag, String json) {
    byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
    Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
    manifests.put(repository + ":" + tag, manifest);
    manifests.put(repository + ":" + manifest.digest(), manifest);
    return manifest;
  }

  void putBlob(Digest digest, long size, Supplier<BlobBody> body) {
    blobs.put(digest, body);
    sizes.put(digest, size);
  }

  void putTags(String repository, List<String> names) {
    tags.put(repository, names.stream().map(Tag::new).toList());
  }

  @Override
  public Repository repository(RepositoryName name, Identity reader) {
    return new FakeRepository(name);
  }

  /** Those that have tags. */
  @Override
  public Future<List<RepositoryName>> repositories(
      Identity reader, Optional<RepositoryName> after, int most) {
    if (failure != null) {
      return Future.failedFuture(failure);
    }
    return Future.succeededFuture(
        tags.keySet().stream()
            .sorted()
            .filter(name -> after.isEmpty() || name.compareTo(after.get().value()) > 0)
            .limit(most)
            .map(RepositoryName::new)
            .toList());
  }

  private <T> Future<Served<T>> answer(Supplier<Optional<T>> value, ErrorCode missing) {
    onAsked.run();
    return gate.compose(
        opened -> {
          if (failure != null) {
            return Future.failedFuture(failure);
          }
          return value
              .get()
              .map(found -> Future.succeededFuture(new Served<>(found, provenance)))
              .orElseGet(() -> Future.failedFuture(new RegistryException(missing, "not here")));
        });
  }

  private final class FakeRepository implements UndividedRepository {
    private final RepositoryName name;

    FakeRepository(RepositoryName name) {
      this.name = name;
    }

    @Override
    public ZoneName zone() {
      return zone;
    }

    @Override
    public RepositoryName name() {
      return name;
    }

    @Override
    public Future<Served<Manifest>> get(Reference reference) {
      return answer(
          () -> Optional.ofNullable(manifests.get(name + ":" + reference)),
          ErrorCode.MANIFEST_UNKNOWN);
    }

    @Override
    public Future<Served<ManifestStat>> stat(Reference reference) {
      return answer(
          () -> Optional.ofNullable(manifests.get(name + ":" + reference)).map(ManifestStat::of),
          ErrorCode.MANIFEST_UNKNOWN);
    }

    @Override
    public Future<Served<BlobStat>> stat(Digest digest) {
      return answer(
          () -> Optional.ofNullable(sizes.get(digest)).map(BlobStat::ofBytes),
          ErrorCode.BLOB_UNKNOWN);
    }

    @Override
    public Future<Served<BlobBody>> open(Digest digest, Optional<RangeRequest> range) {
      return answer(
          () -> Optional.ofNullable(blobs.get(digest)).map(Supplier::get), ErrorCode.BLOB_UNKNOWN);
    }

    @Override
    public Future<Served<List<Tag>>> list() {
      return answer(() -> Optional.ofNullable(tags.get(name.value())), ErrorCode.NAME_UNKNOWN);
    }

    @Override
    public Future<Served<ReferrersListing>> list(Digest subject, Optional<String> artifactType) {
      askedArtifactType = artifactType;
      byte[] index = "{\"schemaVersion\":2}".getBytes(StandardCharsets.UTF_8);
      return answer(
          () -> Optional.of(new ReferrersListing(index, artifactType.isPresent())),
          ErrorCode.MANIFEST_UNKNOWN);
    }
  }
}
