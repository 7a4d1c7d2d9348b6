package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The index in memory, lost when the process ends: for tests, and for a mirror whose index cannot
 * be opened. Never blocks for long. Thread-safe.
 */
public final class MemoryIndex implements Index {
  private final Object lock = new Object();
  private final Map<Repository, TreeMap<Tag, TagRecord>> tags = new HashMap<>();
  private final Map<InRepository<Digest>, Manifest> manifests = new HashMap<>();
  private final Map<InRepository<Digest>, LinkRecord> links = new HashMap<>();
  private final Map<InRepository<Subject>, ReferrersRecord> referrers = new HashMap<>();
  private final Map<Digest, BlobRecord> blobs = new HashMap<>();
  private final Map<Digest, UsageRecord> blobUsage = new HashMap<>();
  private final Map<InRepository<Digest>, UsageRecord> manifestUsage = new HashMap<>();
  private boolean closed;

  private record Repository(ZoneName zone, RepositoryName name) {}

  @Override
  public Optional<TagRecord> tag(ZoneName zone, RepositoryName repository, Tag tag) {
    return read(() -> Optional.ofNullable(tagsOf(zone, repository).get(tag)));
  }

  @Override
  public List<Tag> tags(ZoneName zone, RepositoryName repository) {
    return read(() -> List.copyOf(tagsOf(zone, repository).keySet()));
  }

  @Override
  public Optional<Manifest> manifest(ZoneName zone, RepositoryName repository, Digest digest) {
    return read(
        () -> Optional.ofNullable(manifests.get(new InRepository<>(zone, repository, digest))));
  }

  @Override
  public Optional<LinkRecord> link(ZoneName zone, RepositoryName repository, Digest digest) {
    return read(() -> Optional.ofNullable(links.get(new InRepository<>(zone, repository, digest))));
  }

  @Override
  public Optional<BlobRecord> blob(Digest digest) {
    return read(() -> Optional.ofNullable(blobs.get(digest)));
  }

  @Override
  public Optional<ReferrersRecord> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType) {
    return read(
        () ->
            Optional.ofNullable(
                referrers.get(
                    new InRepository<>(zone, repository, new Subject(subject, artifactType)))));
  }

  @Override
  public void forEachBlob(BiConsumer<Digest, BlobRecord> visitor) {
    List<Map.Entry<Digest, BlobRecord>> all =
        read(
            () -> {
              List<Map.Entry<Digest, BlobRecord>> copy = new ArrayList<>(blobs.size());
              blobs.forEach((digest, blob) -> copy.add(Map.entry(digest, blob)));
              return copy;
            });
    all.forEach(entry -> visitor.accept(entry.getKey(), entry.getValue()));
  }

  @Override
  public Optional<UsageRecord> blobUsage(Digest digest) {
    return read(() -> Optional.ofNullable(blobUsage.get(digest)));
  }

  @Override
  public Optional<UsageRecord> manifestUsage(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return read(
        () -> Optional.ofNullable(manifestUsage.get(new InRepository<>(zone, repository, digest))));
  }

  @Override
  public void forEachUsedBlob(BlobVisitor visitor) {
    Map<Digest, UsageRecord> usage = read(() -> new HashMap<>(blobUsage));
    forEachBlob(
        (digest, blob) -> visitor.visit(digest, blob, Optional.ofNullable(usage.get(digest))));
  }

  @Override
  public void forEachBlobUsage(BiConsumer<Digest, UsageRecord> visitor) {
    read(() -> new HashMap<>(blobUsage)).forEach(visitor);
  }

  @Override
  public void forEachManifest(Visitor<Digest, Manifest> visitor) {
    visit(manifests, visitor);
  }

  @Override
  public void forEachLink(Visitor<Digest, LinkRecord> visitor) {
    visit(links, visitor);
  }

  @Override
  public void forEachTag(Visitor<Tag, TagRecord> visitor) {
    Map<InRepository<Tag>, TagRecord> all = new HashMap<>();
    synchronized (lock) {
      tags.forEach(
          (repository, ofRepository) ->
              ofRepository.forEach(
                  (tag, record) ->
                      all.put(
                          new InRepository<>(repository.zone(), repository.name(), tag), record)));
    }
    visit(all, visitor);
  }

  @Override
  public void forEachReferrers(Visitor<Subject, ReferrersRecord> visitor) {
    visit(referrers, visitor);
  }

  private <N, F> void visit(Map<InRepository<N>, F> facts, Visitor<N, F> visitor) {
    read(() -> new HashMap<>(facts))
        .forEach((key, fact) -> visitor.visit(key.zone(), key.repository(), key.name(), fact));
  }

  @Override
  public void apply(List<IndexChange> changes) {
    synchronized (lock) {
      requireOpen();
      changes.forEach(this::apply);
    }
  }

  private void apply(IndexChange change) {
    switch (change) {
      case IndexChange.PutTag put ->
          tags.computeIfAbsent(
                  new Repository(put.zone(), put.repository()), ignored -> new TreeMap<>())
              .put(put.tag(), put.target());
      case IndexChange.DeleteTag delete ->
          tags.computeIfPresent(
              new Repository(delete.zone(), delete.repository()),
              (ignored, ofRepository) -> {
                ofRepository.remove(delete.tag());
                return ofRepository.isEmpty() ? null : ofRepository;
              });
      case IndexChange.PutManifest put ->
          manifests.put(
              new InRepository<>(put.zone(), put.repository(), put.manifest().digest()),
              put.manifest());
      case IndexChange.DeleteManifest delete ->
          manifests.remove(new InRepository<>(delete.zone(), delete.repository(), delete.digest()));
      case IndexChange.PutLink put ->
          links.put(new InRepository<>(put.zone(), put.repository(), put.digest()), put.link());
      case IndexChange.DeleteLink delete ->
          links.remove(new InRepository<>(delete.zone(), delete.repository(), delete.digest()));
      case IndexChange.PutBlob put -> blobs.put(put.digest(), put.blob());
      case IndexChange.DeleteBlob delete -> blobs.remove(delete.digest());
      case IndexChange.PutReferrers put ->
          referrers.put(
              new InRepository<>(
                  put.zone(), put.repository(), new Subject(put.subject(), put.artifactType())),
              put.referrers());
      case IndexChange.DeleteReferrers delete ->
          referrers.remove(
              new InRepository<>(
                  delete.zone(),
                  delete.repository(),
                  new Subject(delete.subject(), delete.artifactType())));
      case IndexChange.PutBlobUsage put -> blobUsage.put(put.digest(), put.usage());
      case IndexChange.DeleteBlobUsage delete -> blobUsage.remove(delete.digest());
      case IndexChange.PutManifestUsage put ->
          manifestUsage.put(
              new InRepository<>(put.zone(), put.repository(), put.digest()), put.usage());
      case IndexChange.DeleteManifestUsage delete ->
          manifestUsage.remove(
              new InRepository<>(delete.zone(), delete.repository(), delete.digest()));
    }
  }

  @Override
  public void close() {
    synchronized (lock) {
      closed = true;
    }
  }

  private <T> T read(Supplier<T> reader) {
    synchronized (lock) {
      requireOpen();
      return reader.get();
    }
  }

  private Map<Tag, TagRecord> tagsOf(ZoneName zone, RepositoryName repository) {
    Map<Tag, TagRecord> known = tags.get(new Repository(zone, repository));
    return known == null ? Map.of() : known;
  }

  private void requireOpen() {
    if (closed) {
      throw new IndexException("index is closed");
    }
  }
}
