package dev.breakwater.index;

import org.jspecify.annotations.Nullable;

/**
 * A change as RocksDB takes it.
 *
 * @param value null to delete the key
 */
record Row(Family family, byte[] key, byte @Nullable [] value) {
  static Row of(IndexChange change) {
    return switch (change) {
      case IndexChange.PutTag put ->
          new Row(
              Family.TAGS,
              IndexKeys.tag(put.zone(), put.repository(), put.tag()),
              IndexValues.of(put.target()));
      case IndexChange.DeleteTag delete ->
          new Row(
              Family.TAGS, IndexKeys.tag(delete.zone(), delete.repository(), delete.tag()), null);
      case IndexChange.PutManifest put ->
          new Row(
              Family.MANIFESTS,
              IndexKeys.inRepository(put.zone(), put.repository(), put.manifest().digest()),
              IndexValues.of(put.manifest()));
      case IndexChange.DeleteManifest delete ->
          new Row(
              Family.MANIFESTS,
              IndexKeys.inRepository(delete.zone(), delete.repository(), delete.digest()),
              null);
      case IndexChange.PutLink put ->
          new Row(
              Family.LINKS,
              IndexKeys.inRepository(put.zone(), put.repository(), put.digest()),
              IndexValues.of(put.link()));
      case IndexChange.DeleteLink delete ->
          new Row(
              Family.LINKS,
              IndexKeys.inRepository(delete.zone(), delete.repository(), delete.digest()),
              null);
      case IndexChange.PutBlob put ->
          new Row(Family.BLOBS, IndexKeys.digest(put.digest()), IndexValues.of(put.blob()));
      case IndexChange.DeleteBlob delete ->
          new Row(Family.BLOBS, IndexKeys.digest(delete.digest()), null);
      case IndexChange.PutReferrers put ->
          new Row(
              Family.REFERRERS,
              IndexKeys.referrers(put.zone(), put.repository(), put.subject(), put.artifactType()),
              IndexValues.of(put.referrers()));
      case IndexChange.DeleteReferrers delete ->
          new Row(
              Family.REFERRERS,
              IndexKeys.referrers(
                  delete.zone(), delete.repository(), delete.subject(), delete.artifactType()),
              null);
      case IndexChange.PutBlobUsage put ->
          new Row(Family.USAGE, IndexKeys.digest(put.digest()), IndexValues.of(put.usage()));
      case IndexChange.DeleteBlobUsage delete ->
          new Row(Family.USAGE, IndexKeys.digest(delete.digest()), null);
      case IndexChange.PutManifestUsage put ->
          new Row(
              Family.USAGE,
              IndexKeys.inRepository(put.zone(), put.repository(), put.digest()),
              IndexValues.of(put.usage()));
      case IndexChange.DeleteManifestUsage delete ->
          new Row(
              Family.USAGE,
              IndexKeys.inRepository(delete.zone(), delete.repository(), delete.digest()),
              null);
    };
  }
}
