package dev.breakwater.gc;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Which {@link Retention} holds for which zone, for all who delete: mirrored content goes by disuse
 * ({@link IdlePolicy}), hosted content when nothing reaches it ({@link ReachabilityPolicy}).
 * Thread-safe.
 */
public final class Retentions {
  /*
   * Bytes are shared by all zones. They stay while a repository of a hosted zone links to them, for
   * the sweep and for eviction alike. Which blobs that are is kept in memory: readLinks() reads them
   * from the index, and CachedIndex tells of every link that is put afterwards. Until they have been
   * read, all bytes stay. Links that are deleted are noticed by the next readLinks().
   *
   * For those who store something in a hosted zone, which they do by way of CachedIndex:
   *
   *   A put counts as a use, so that what is stored has its grace. A crash within half a minute
   *   forgets that, unless the usage is put in the same batch.
   *   A blob is held open from before it is looked for until the link to it has been put, as for a
   *   read: what is open is not deleted (BlobStore).
   *   A manifest is put in one batch with the links to all it names.
   */

  /**
   * The hosted zones.
   *
   * @param zones whose content can be fetched from no upstream
   * @param grace for how long what nothing reaches stays there after it was stored or used
   */
  public record Hosted(Set<ZoneName> zones, Duration grace) {
    /** All zones are mirrored. */
    public static final Hosted NONE = of(Set.of());

    /** These, with a day of grace: a push of many large layers takes hours. */
    public static Hosted of(Set<ZoneName> zones) {
      return new Hosted(Set.copyOf(zones), Duration.ofDays(1));
    }
  }

  private final Pins pins;
  private final Hosted hosted;
  private final RecentUse recent;
  private final Clock clock;

  /** Repositories of hosted zones in which something was put that may reach something. */
  private final Set<RepositoryKey> changed = ConcurrentHashMap.newKeySet();

  private final Object lock = new Object();

  /** Blobs that hosted repositories link to; null until they have been read. */
  @GuardedBy("lock")
  private @Nullable LongTable linked;

  /** The same, while they are read. */
  @GuardedBy("lock")
  private @Nullable LongTable reading;

  /**
   * To be made before anything is put into the index.
   *
   * @param index tells of what is put
   * @param recent is told that what is put in hosted zones was used
   */
  public Retentions(CachedIndex index, RecentUse recent, Clock clock, Pins pins, Hosted hosted) {
    this.pins = pins;
    this.hosted = hosted;
    this.recent = recent;
    this.clock = clock;
    if (isAnyHosted()) {
      index.watch(this::changed);
    }
  }

  /**
   * Reads from the index which blobs hosted repositories link to; blocks for a look at all links.
   * To be called once the index has everything that is hosted; one call at a time.
   */
  public void readLinks(Index index) {
    if (!isAnyHosted()) {
      return;
    }
    LongTable found = new LongTable();
    synchronized (lock) {
      reading = found;
    }
    index.scan(
        Tables.LINKS,
        (key, link) -> {
          if (isHosted(key.zone())) {
            synchronized (lock) {
              found.add(LongTable.fingerprint(key.name()));
            }
          }
        });
    synchronized (lock) {
      linked = found;
      reading = null;
    }
  }

  /** What holds for one sweep as of {@code now}, which begins with {@link #readLinks}. */
  Retention forSweep(Sweeper.Parts parts, Sweeper.Settings settings, Marks marks, long now) {
    Retention mirrored = new IdlePolicy(parts, settings, marks, now);
    if (!isAnyHosted()) {
      return mirrored;
    }
    Retention unreached = new IdlePolicy(parts, settings.idleFor(hosted.grace()), marks, now);
    return new ByZone(
        hosted.zones(),
        mirrored,
        new ReachabilityPolicy(parts.index(), marks, unreached, this, hosted.grace()));
  }

  /** What an operator keeps. */
  Pins pins() {
    return pins;
  }

  /** The same, and the bytes that hosted repositories link to: for eviction. */
  public Pins pinsAndHosted() {
    return new Pins() {
      @Override
      public boolean isTagPinned(InRepository<Tag> tag) {
        return pins.isTagPinned(tag);
      }

      @Override
      public boolean isManifestPinned(InRepository<Digest> manifest) {
        return pins.isManifestPinned(manifest);
      }

      @Override
      public boolean isBlobPinned(Digest blob) {
        return pins.isBlobPinned(blob) || isLinked(blob);
      }
    };
  }

  /** Whether a hosted repository links to the bytes, or may do so; does not block. */
  boolean isLinked(Digest blob) {
    if (!isAnyHosted()) {
      return false;
    }
    synchronized (lock) {
      return linked == null || linked.contains(LongTable.fingerprint(blob));
    }
  }

  /** Whether a manifest or a tag was put in the repository since this was asked last. */
  boolean hasChanged(RepositoryKey repository) {
    return changed.remove(repository);
  }

  private void changed(Change change) {
    if (!(change instanceof Change.Put<?, ?>)
        || !(change.key() instanceof InRepository<?> key)
        || !isHosted(key.zone())) {
      return;
    }
    if (change.table() == Tables.LINKS && key.name() instanceof Digest blob) {
      recent.blob(blob, clock.millis());
      linked(blob);
    } else if (change.table() == Tables.MANIFESTS && key.name() instanceof Digest manifest) {
      recent.manifest(key.zone(), key.repository(), manifest, clock.millis());
      changed.add(RepositoryKey.of(key));
    } else if (change.table() == Tables.TAGS) {
      changed.add(RepositoryKey.of(key));
    }
  }

  private void linked(Digest blob) {
    long name = LongTable.fingerprint(blob);
    synchronized (lock) {
      if (linked != null) {
        linked.add(name);
      }
      if (reading != null) {
        reading.add(name);
      }
    }
  }

  private boolean isHosted(ZoneName zone) {
    return hosted.zones().contains(zone);
  }

  private boolean isAnyHosted() {
    return !hosted.zones().isEmpty();
  }

  /** Asks the policy of the zone, and about bytes both. */
  private record ByZone(Set<ZoneName> zones, Retention mirrored, Retention hosted)
      implements Retention {
    private Retention of(ZoneName zone) {
      return zones.contains(zone) ? hosted : mirrored;
    }

    @Override
    public Optional<String> manifest(InRepository<Digest> manifest, Optional<UsageRecord> usage) {
      return of(manifest.zone()).manifest(manifest, usage);
    }

    @Override
    public Optional<String> tag(InRepository<Tag> tag, TagRecord target) {
      return of(tag.zone()).tag(tag, target);
    }

    @Override
    public Optional<String> referrers(InRepository<Subject> subject, ReferrersRecord listing) {
      return of(subject.zone()).referrers(subject, listing);
    }

    @Override
    public Optional<String> link(InRepository<Digest> link) {
      return of(link.zone()).link(link);
    }

    @Override
    public Optional<String> blob(Digest digest, BlobRecord blob, Optional<UsageRecord> usage) {
      return hosted
          .blob(digest, blob, usage)
          .flatMap(unlinked -> mirrored.blob(digest, blob, usage));
    }
  }
}
