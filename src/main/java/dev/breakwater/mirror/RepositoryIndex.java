package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.VisibilityRecord;
import dev.breakwater.index.WholeRepository;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the index knows of one repository of an upstream, and of blobs, which all share. What is put
 * and deleted here is not what the answer at hand depends on: an index that takes no writes, on a
 * full disk, must not fail a pull, so these futures never fail. Thread-safe.
 *
 * @param now the time in milliseconds since the epoch
 */
record RepositoryIndex(
    CachedIndex index, RecentUse recent, LongSupplier now, ZoneName zone, RepositoryName name) {
  /** There is one listing for each subject, the unfiltered one. */
  private static final String UNFILTERED = "";

  private static final Logger log = LoggerFactory.getLogger(RepositoryIndex.class);

  /** Where upstream last said that the tag points, however long ago. */
  Future<Optional<TagRecord>> tag(Tag tag) {
    return index.get(Tables.TAGS, here(tag));
  }

  Future<List<Tag>> tags() {
    return index.names(Tables.TAGS, zone, name);
  }

  Future<Optional<Manifest>> manifest(Digest digest) {
    return index.get(Tables.MANIFESTS, here(digest));
  }

  /** The permission to read the blob through this repository. */
  Future<Optional<LinkRecord>> link(Digest digest) {
    return index.get(Tables.LINKS, here(digest));
  }

  Future<Optional<BlobRecord>> blob(Digest digest) {
    return index.get(Tables.BLOBS, digest);
  }

  Future<Optional<ReferrersRecord>> referrers(Digest subject) {
    return index.get(Tables.REFERRERS, unfiltered(subject));
  }

  Future<Void> put(Tag tag, TagRecord target) {
    return apply(List.of(Tables.TAGS.put(here(tag), target)));
  }

  Future<Void> delete(Tag tag) {
    return apply(List.of(Tables.TAGS.delete(here(tag))));
  }

  /** The manifest, and with it the right to read what it names through this repository. */
  Future<Void> put(Manifest manifest, ManifestDocument document) {
    List<Change> changes = new ArrayList<>();
    changes.add(Tables.MANIFESTS.put(here(manifest.digest()), manifest));
    for (Descriptor blob : document.blobs()) {
      changes.add(
          Tables.LINKS.put(here(blob.digest()), new LinkRecord(blob.mediaType(), blob.size())));
    }
    return apply(changes);
  }

  Future<Void> put(Digest digest, LinkRecord link) {
    return apply(List.of(Tables.LINKS.put(here(digest), link)));
  }

  /** The blob is here since now. */
  Future<Void> putBlob(Digest digest, long size) {
    return apply(List.of(Tables.BLOBS.put(digest, new BlobRecord(size, now.getAsLong()))));
  }

  Future<Void> deleteBlob(Digest digest) {
    return apply(List.of(Tables.BLOBS.delete(digest)));
  }

  Future<Void> put(Digest subject, ReferrersRecord listing) {
    return apply(List.of(Tables.REFERRERS.put(unfiltered(subject), listing)));
  }

  Future<Void> deleteReferrers(Digest subject) {
    return apply(List.of(Tables.REFERRERS.delete(unfiltered(subject))));
  }

  /** What upstream last said of the repository to one that it does not know. */
  Future<Optional<VisibilityRecord>> visibility() {
    return index.get(Tables.VISIBILITY, here(WholeRepository.ALL));
  }

  Future<Void> put(VisibilityRecord told) {
    return apply(List.of(Tables.VISIBILITY.put(here(WholeRepository.ALL), told)));
  }

  private <N> InRepository<N> here(N item) {
    return new InRepository<>(zone, name, item);
  }

  private InRepository<Subject> unfiltered(Digest subject) {
    return here(new Subject(subject, UNFILTERED));
  }

  private Future<Void> apply(List<Change> changes) {
    return index
        .apply(changes)
        .recover(
            failure -> {
              log.debug("the index cannot be written: {}", DiskReason.of(failure));
              return Future.succeededFuture();
            });
  }

  /** Notes that a client gets this manifest, or is told of it. */
  Manifest used(Manifest manifest) {
    recent.manifest(zone, name, manifest.digest(), now.getAsLong());
    return manifest;
  }

  /** Notes that a client reads this blob, now and when it has read it. */
  Served<BlobBody> used(Served<BlobBody> served) {
    Digest digest = served.value().digest();
    used(digest);
    return new Served<>(new UsedBody(served.value(), () -> used(digest)), served.provenance());
  }

  /** Notes that a client reads this blob, or is told of it. */
  void used(Digest blob) {
    recent.blob(blob, now.getAsLong());
  }
}
