package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * Facts about what is stored. An index is only that: everything in it can be rebuilt from blob
 * files or fetched again. Reads block for microseconds to milliseconds and are therefore made off
 * the event loop; {@link CachedIndex} is what the request path uses. Thread-safe.
 */
public interface Index extends AutoCloseable {
  /** What the tag pointed at when upstream was last asked. */
  Optional<TagRecord> tag(ZoneName zone, RepositoryName repository, Tag tag);

  /** All known tags of a repository, in byte order. */
  List<Tag> tags(ZoneName zone, RepositoryName repository);

  /** A manifest that an authorised answer of this repository contained. */
  Optional<Manifest> manifest(ZoneName zone, RepositoryName repository, Digest digest);

  /** The permission to read a blob through this repository, if there is one. */
  Optional<LinkRecord> link(ZoneName zone, RepositoryName repository, Digest digest);

  /** A blob whose verified bytes are in the store. */
  Optional<BlobRecord> blob(Digest digest);

  /** The last listing of referrers upstream gave for this subject, whatever its filter. */
  Optional<ReferrersRecord> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType);

  /** Calls back with every blob, in no particular order; other calls go on meanwhile. */
  void forEachBlob(BiConsumer<Digest, BlobRecord> visitor);

  /** How a blob was used; what is gone may still be remembered. */
  Optional<UsageRecord> blobUsage(Digest digest);

  /** How a manifest was used through this repository. */
  Optional<UsageRecord> manifestUsage(ZoneName zone, RepositoryName repository, Digest digest);

  /** Is told of the facts of repositories. */
  @FunctionalInterface
  interface Visitor<N, F> {
    /** One more. */
    void visit(ZoneName zone, RepositoryName repository, N name, F fact);
  }

  /** Is told of blobs. */
  @FunctionalInterface
  interface BlobVisitor {
    /** One more. */
    void visit(Digest digest, BlobRecord blob, Optional<UsageRecord> usage);
  }

  /** Calls back with every blob and how it was used; other calls go on meanwhile. */
  void forEachUsedBlob(BlobVisitor visitor);

  /** Calls back with how blobs were used, gone ones too; other calls go on meanwhile. */
  void forEachBlobUsage(BiConsumer<Digest, UsageRecord> visitor);

  /** Calls back with every manifest; other calls go on meanwhile. */
  void forEachManifest(Visitor<Digest, Manifest> visitor);

  /** Calls back with every link; other calls go on meanwhile. */
  void forEachLink(Visitor<Digest, LinkRecord> visitor);

  /** Calls back with every tag; other calls go on meanwhile. */
  void forEachTag(Visitor<Tag, TagRecord> visitor);

  /** Calls back with every listing of referrers; other calls go on meanwhile. */
  void forEachReferrers(Visitor<Subject, ReferrersRecord> visitor);

  /**
   * Makes all changes, in order and atomically: after a crash either all or none are there. Not
   * synced: losing the last moments before a power cut costs nothing but a question to upstream.
   */
  void apply(List<IndexChange> changes);

  /** Closes the index; further calls fail. */
  @Override
  void close();
}
