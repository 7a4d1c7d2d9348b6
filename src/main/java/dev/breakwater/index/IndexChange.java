package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;

/** One change to the index; several are applied together or not at all. */
public sealed interface IndexChange {
  /** The tag points there. */
  record PutTag(ZoneName zone, RepositoryName repository, Tag tag, TagRecord target)
      implements IndexChange {}

  /** The tag is gone. */
  record DeleteTag(ZoneName zone, RepositoryName repository, Tag tag) implements IndexChange {}

  /** The repository has the manifest. */
  record PutManifest(ZoneName zone, RepositoryName repository, Manifest manifest)
      implements IndexChange {}

  /** The repository no longer has the manifest. */
  record DeleteManifest(ZoneName zone, RepositoryName repository, Digest digest)
      implements IndexChange {}

  /** The digest may be read through the repository. */
  record PutLink(ZoneName zone, RepositoryName repository, Digest digest, LinkRecord link)
      implements IndexChange {}

  /** The digest may no longer be read through the repository. */
  record DeleteLink(ZoneName zone, RepositoryName repository, Digest digest)
      implements IndexChange {}

  /** The blob's bytes are in the store. */
  record PutBlob(Digest digest, BlobRecord blob) implements IndexChange {}

  /** The blob's bytes are gone. */
  record DeleteBlob(Digest digest) implements IndexChange {}

  /** Upstream's listing of referrers; {@code artifactType} is the filter asked for, or empty. */
  record PutReferrers(
      ZoneName zone,
      RepositoryName repository,
      Digest subject,
      String artifactType,
      ReferrersRecord referrers)
      implements IndexChange {}

  /** The listing is not worth keeping any more. */
  record DeleteReferrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType)
      implements IndexChange {}

  /** How the blob was used. */
  record PutBlobUsage(Digest digest, UsageRecord usage) implements IndexChange {}

  /** The blob's usage is not needed any more. */
  record DeleteBlobUsage(Digest digest) implements IndexChange {}

  /** How the manifest was used. */
  record PutManifestUsage(
      ZoneName zone, RepositoryName repository, Digest digest, UsageRecord usage)
      implements IndexChange {}

  /** The manifest's usage is not needed any more. */
  record DeleteManifestUsage(ZoneName zone, RepositoryName repository, Digest digest)
      implements IndexChange {}
}
