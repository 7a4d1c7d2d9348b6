package dev.breakwater.index;

import dev.breakwater.index.Table.Caching;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.Tag;
import java.util.List;
import java.util.Optional;

/** All kinds of facts. When their caches are full, they take about 50 MiB of heap. */
public final class Tables {
  /** Blobs whose verified bytes are in the store. */
  public static final Table<Digest, BlobRecord> BLOBS =
      new Table<>("blobs", Family.BLOBS, IndexKeys.DIGEST, IndexValues.BLOB, Caching.facts(20_000));

  /** Manifests that an authorised answer of their repository contained. */
  public static final Table<InRepository<Digest>, Manifest> MANIFESTS =
      new Table<>(
          "manifests",
          Family.MANIFESTS,
          IndexKeys.DIGEST_IN_REPOSITORY,
          IndexValues.MANIFEST,
          Caching.bytes(32L << 20, Manifest::size));

  /** What tags pointed at when upstream was last asked. */
  public static final Table<InRepository<Tag>, TagRecord> TAGS =
      new Table<>(
          "tags", Family.TAGS, IndexKeys.TAG_IN_REPOSITORY, IndexValues.TAG, Caching.facts(10_000));

  /** Permissions to read a blob through a repository. */
  public static final Table<InRepository<Digest>, LinkRecord> LINKS =
      new Table<>(
          "links",
          Family.LINKS,
          IndexKeys.DIGEST_IN_REPOSITORY,
          IndexValues.LINK,
          Caching.facts(20_000));

  /** The last listings of referrers upstream gave, whatever their filter. */
  public static final Table<InRepository<Subject>, ReferrersRecord> REFERRERS =
      new Table<>(
          "referrers",
          Family.REFERRERS,
          IndexKeys.SUBJECT_IN_REPOSITORY,
          IndexValues.REFERRERS,
          Caching.bytes(4L << 20, listing -> listing.index().length));

  /** How blobs were used; what is gone may still be remembered. */
  public static final Table<Digest, UsageRecord> BLOB_USAGE =
      new Table<>(
          "blob usage", Family.USAGE, IndexKeys.DIGEST, IndexValues.USAGE, Optional.empty());

  /** How manifests were used through their repository. */
  public static final Table<InRepository<Digest>, UsageRecord> MANIFEST_USAGE =
      new Table<>(
          "manifest usage",
          Family.USAGE,
          IndexKeys.DIGEST_IN_REPOSITORY,
          IndexValues.USAGE,
          Optional.empty());

  /**
   * Whether upstream gives a repository to anonymous users. Written where such a check is
   * configured, renewed with it; what has no manifest here is deleted by the sweep in time.
   */
  public static final Table<InRepository<WholeRepository>, VisibilityRecord> VISIBILITY =
      new Table<>(
          "visibility",
          Family.VISIBILITY,
          IndexKeys.REPOSITORY,
          IndexValues.VISIBILITY,
          Optional.empty());

  static final List<Table<?, ?>> ALL =
      List.of(BLOBS, MANIFESTS, TAGS, LINKS, REFERRERS, BLOB_USAGE, MANIFEST_USAGE, VISIBILITY);

  private Tables() {}
}
