package dev.breakwater.gc;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The living manifests that a sweep has found, and the blobs they name. Used by one thread. */
final class Marks {
  private static final Logger log = LoggerFactory.getLogger(Marks.class);

  private final LongTable living = new LongTable();
  private final LongTable named = new LongTable();
  private final LongTable links = new LongTable();

  /** The manifest lives, and so what it names. */
  void mark(ZoneName zone, RepositoryName repository, Manifest manifest) {
    living.add(LongTable.fingerprint(zone, repository, manifest.digest()));
    try {
      ManifestDocument.parse(manifest.mediaType(), manifest.bytes())
          .blobs()
          .forEach(
              blob -> {
                named.add(LongTable.fingerprint(blob.digest()));
                links.add(LongTable.fingerprint(zone, repository, blob.digest()));
              });
    } catch (RegistryException e) {
      log.debug("what {} names is not told: {}", manifest.digest(), e.getMessage());
    }
  }

  boolean isLiving(ZoneName zone, RepositoryName repository, Digest manifest) {
    return living.contains(LongTable.fingerprint(zone, repository, manifest));
  }

  /** Whether a living manifest of any repository names the blob. */
  boolean names(Digest blob) {
    return named.contains(LongTable.fingerprint(blob));
  }

  /** Whether one of its own repository does; by the link's {@link LongTable#fingerprint}. */
  boolean hasLink(long link) {
    return links.contains(link);
  }
}
