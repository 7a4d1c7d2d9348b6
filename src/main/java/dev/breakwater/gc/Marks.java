package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.RegistryException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The living manifests that a sweep has found, and what they name. Used by one thread at a time:
 * the sweep's own waits while another asks.
 */
final class Marks {
  private static final Logger log = LoggerFactory.getLogger(Marks.class);

  private final LongTable living = new LongTable();
  private final LongTable named = new LongTable();
  private final LongTable links = new LongTable();
  private final Set<RepositoryKey> wholes = new HashSet<>();

  /** The manifest lives, and so what it names. */
  void mark(InRepository<Digest> key, Manifest manifest) {
    mark(key, Optional.of(manifest));
  }

  /** The same of a manifest that need not be there: it may be the subject of one that lives. */
  void mark(InRepository<Digest> key, Optional<Manifest> manifest) {
    living.add(LongTable.fingerprint(key.zone(), key.repository(), key.name()));
    manifest.flatMap(Marks::read).ifPresent(document -> markNamed(key, document));
  }

  private void markNamed(InRepository<Digest> key, ManifestDocument document) {
    // All of them: some build caches are indexes whose entries are layers.
    Stream.of(document.config().stream(), document.layers().stream(), document.manifests().stream())
        .flatMap(descriptors -> descriptors)
        .forEach(
            descriptor -> {
              named.add(LongTable.fingerprint(descriptor.digest()));
              links.add(LongTable.fingerprint(key.zone(), key.repository(), descriptor.digest()));
            });
  }

  /** What a manifest says; empty if it cannot be parsed. */
  static Optional<ManifestDocument> read(Manifest manifest) {
    try {
      return Optional.of(ManifestDocument.parse(manifest.mediaType(), manifest.bytes()));
    } catch (RegistryException e) {
      log.debug("what {} names is not told: {}", manifest.digest(), e.getMessage());
      return Optional.empty();
    }
  }

  /** All manifests of the repository live, and all its links are named; false if marked before. */
  boolean markAll(RepositoryKey repository) {
    return wholes.add(repository);
  }

  /** Whether a manifest lives that is in the same repository as the key. */
  boolean isLiving(InRepository<?> key, Digest manifest) {
    return isWhole(key)
        || living.contains(LongTable.fingerprint(key.zone(), key.repository(), manifest));
  }

  /** Whether a living manifest of any repository names it. */
  boolean names(Digest blob) {
    return named.contains(LongTable.fingerprint(blob));
  }

  /** Whether one of the link's own repository does. */
  boolean hasLink(InRepository<Digest> link) {
    return isWhole(link)
        || links.contains(LongTable.fingerprint(link.zone(), link.repository(), link.name()));
  }

  private boolean isWhole(InRepository<?> key) {
    return !wholes.isEmpty() && wholes.contains(RepositoryKey.of(key));
  }
}
