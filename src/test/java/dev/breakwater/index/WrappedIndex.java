package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;

/** An index that counts its calls, and can be overridden to stop or fail at a chosen point. */
class WrappedIndex implements Index {
  final AtomicInteger calls = new AtomicInteger();
  private final Index inner;

  WrappedIndex(Index inner) {
    this.inner = inner;
  }

  @Override
  public Optional<TagRecord> tag(ZoneName zone, RepositoryName repository, Tag tag) {
    return called().tag(zone, repository, tag);
  }

  @Override
  public List<Tag> tags(ZoneName zone, RepositoryName repository) {
    return called().tags(zone, repository);
  }

  @Override
  public Optional<Manifest> manifest(ZoneName zone, RepositoryName repository, Digest digest) {
    return called().manifest(zone, repository, digest);
  }

  @Override
  public Optional<LinkRecord> link(ZoneName zone, RepositoryName repository, Digest digest) {
    return called().link(zone, repository, digest);
  }

  @Override
  public Optional<BlobRecord> blob(Digest digest) {
    return called().blob(digest);
  }

  @Override
  public Optional<ReferrersRecord> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType) {
    return called().referrers(zone, repository, subject, artifactType);
  }

  @Override
  public void forEachBlob(BiConsumer<Digest, BlobRecord> visitor) {
    called().forEachBlob(visitor);
  }

  @Override
  public Optional<UsageRecord> blobUsage(Digest digest) {
    return called().blobUsage(digest);
  }

  @Override
  public Optional<UsageRecord> manifestUsage(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return called().manifestUsage(zone, repository, digest);
  }

  @Override
  public void forEachUsedBlob(BlobVisitor visitor) {
    called().forEachUsedBlob(visitor);
  }

  @Override
  public void forEachBlobUsage(BiConsumer<Digest, UsageRecord> visitor) {
    called().forEachBlobUsage(visitor);
  }

  @Override
  public void forEachManifest(Visitor<Digest, Manifest> visitor) {
    called().forEachManifest(visitor);
  }

  @Override
  public void forEachLink(Visitor<Digest, LinkRecord> visitor) {
    called().forEachLink(visitor);
  }

  @Override
  public void forEachTag(Visitor<Tag, TagRecord> visitor) {
    called().forEachTag(visitor);
  }

  @Override
  public void forEachReferrers(Visitor<Subject, ReferrersRecord> visitor) {
    called().forEachReferrers(visitor);
  }

  @Override
  public void apply(List<IndexChange> changes) {
    called().apply(changes);
  }

  @Override
  public void close() {
    called().close();
  }

  private Index called() {
    calls.incrementAndGet();
    return inner;
  }
}
