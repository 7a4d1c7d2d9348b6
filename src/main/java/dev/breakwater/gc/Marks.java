package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.RegistryException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The living manifests that a sweep has found, and the blobs they name. Filled by one thread, which
 * waits while another asks.
 */
final class Marks {
  private static final Logger log = LoggerFactory.getLogger(Marks.class);

  private final LongTable living = new LongTable();
  private final LongTable named = new LongTable();
  private final LongTable links = new LongTable();

  /** The manifest lives, and so what it names. */
  void mark(InRepository<Digest> key, Manifest manifest) {
    living.add(LongTable.fingerprint(key.zone(), key.repository(), key.name()));
    try {
      ManifestDocument.parse(manifest.mediaType(), manifest.bytes())
          .blobs()
          .forEach(
              blob -> {
                named.add(LongTable.fingerprint(blob.digest()));
                links.add(LongTable.fingerprint(key.zone(), key.repository(), blob.digest()));
              });
    } catch (RegistryException e) {
      log.debug("what {} names is not told: {}", manifest.digest(), e.getMessage());
    }
  }

  /** Whether a manifest lives that is in the same repository as the key. */
  boolean isLiving(InRepository<?> key, Digest manifest) {
    return living.contains(LongTable.fingerprint(key.zone(), key.repository(), manifest));
  }

  /** Whether a living manifest of any repository names the blob. */
  boolean names(Digest blob) {
    return named.contains(LongTable.fingerprint(blob));
  }

  /** Whether one of the link's own repository does. */
  boolean hasLink(InRepository<Digest> link) {
    return links.contains(LongTable.fingerprint(link.zone(), link.repository(), link.name()));
  }
}
