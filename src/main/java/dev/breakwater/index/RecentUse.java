package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/**
 * What was used since it was last written to the index, kept in memory: a request costs a look into
 * a map, never a write. However often something is used between two notes, it counts as one use, so
 * that a fleet that pulls at once does not look like a year of pulls. Thread-safe.
 */
public final class RecentUse {
  /**
   * What was used between two notes, with the time of the last use, to the second.
   *
   * @param blobs by digest
   * @param manifests by name
   */
  public record Noted(Map<Digest, Long> blobs, Map<InRepository<Digest>, Long> manifests) {
    private Noted() {
      this(new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
    }
  }

  /** A use is not noted again within it, so that a popular blob costs a look into a map only. */
  private static final long RESOLUTION_MILLIS = 1000;

  private volatile Noted since = new Noted();

  /** What was taken and may not be in the index yet. */
  private volatile Noted taken = new Noted();

  /** A client begins to read the blob, or has read it. */
  public void blob(Digest digest, long now) {
    note(Noted::blobs, digest, now);
  }

  /** A client asked for the manifest, or for where its tag points. */
  public void manifest(ZoneName zone, RepositoryName repository, Digest digest, long now) {
    note(Noted::manifests, new InRepository<>(zone, repository, digest), now);
  }

  @SuppressWarnings("ReferenceEquality") // Two maps with the same uses are not the same map.
  private <K> void note(Function<Noted, Map<K, Long>> kind, K name, long now) {
    Noted noted;
    do {
      noted = since;
      Map<K, Long> uses = kind.apply(noted);
      Long before = uses.get(name);
      if (before == null || now - before >= RESOLUTION_MILLIS) {
        uses.put(name, now);
      }
      // Taken meanwhile: perhaps written down already, without this.
    } while (noted != since);
  }

  /** Whether the blob was used so lately that the index may not know. */
  public boolean isRecent(Digest digest) {
    return since.blobs().containsKey(digest) || taken.blobs().containsKey(digest);
  }

  /** Whether the manifest was used so lately that the index may not know. */
  public boolean isRecent(InRepository<Digest> manifest) {
    return since.manifests().containsKey(manifest) || taken.manifests().containsKey(manifest);
  }

  /** About how much there is to write down. */
  public int size() {
    Noted now = since;
    return now.blobs().size() + now.manifests().size();
  }

  /**
   * Takes everything to write it down; by one thread at a time. It counts as recent until {@link
   * #written}.
   */
  public Noted take() {
    Noted all = since;
    taken = all;
    since = new Noted();
    return all;
  }

  /** What was taken is in the index, or will never be. */
  public void written() {
    taken = new Noted();
  }
}
