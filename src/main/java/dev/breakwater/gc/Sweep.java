package dev.breakwater.gc;

import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.metrics.UpkeepMeters;
import dev.breakwater.oci.Amounts;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.storage.PartFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One mark and sweep over everything, beside the server or without one. Used by one thread. */
final class Sweep {
  /** The outcome of a sweep that an error ended. */
  static final String FAILED = "failed";

  /*
   * What may go, and why, is decided by Retention: IdlePolicy lists it for mirrored content,
   * ReachabilityPolicy for hosted content. A link that may go has its grace on top: it says nothing
   * of when it was made, so it goes when a sweep finds it again after the grace period. A left
   * download goes when it was not written to for a day.
   *
   * These hold, whatever happens at the same time:
   *
   *   1  Entries: a tag, manifest, link or listing that was put into the index since the sweep began
   *      is not deleted by it. Puts and the sweep's deletes go through CachedIndex, which remembers
   *      the names of what is put while a generation is open, and deletes under a lock only what is
   *      not among them. So a manifest that is stored again keeps its entry and its links, although
   *      the mark did not see it. Only usage is written past CachedIndex; it is read again instead.
   *   2  Use: what was used since is not deleted. Requests note a use after they have opened the
   *      blob and before they close it, and RecentUse tells of a use until the index knows it; the
   *      sweep asks RecentUse and then the index again under the same lock, or the blob's.
   *   3  Files: a blob is deleted under its lock in the store, entry first, then file. Under the
   *      lock no reader opens it, and what is open, being written, or committed and not yet in the
   *      index is left alone (BlobStore). So a download whose blob has just come and a follower that
   *      still reads its part file are safe, and a crash leaves at most a file without an entry,
   *      which the next start adopts.
   *   4  Downloads: a rest is deleted under the claim that a download of that digest would need.
   *   5  Pins: a pinned tag, manifest or blob is not deleted; pins are asked under the same locks.
   *   6  Hosted content: what was put into a repository since the sweep looked at it may reach what
   *      was to go. So the repository is looked at again under the lock of 1 (ReachabilityPolicy).
   *
   * It is not true of everything that it can be fetched again: upstream may have deleted the image
   * or moved the tag, and then a deletion loses it for good. That is accepted for mirrored content
   * that was idle for maxIdle, and for hosted content that nothing has reached for its grace.
   *
   * It may be stopped between any two deletions and needs no memory of where it was: the next one
   * decides everything afresh.
   */

  private static final Logger log = LoggerFactory.getLogger(Sweep.class);
  private static final Duration DOWNLOAD_IDLE = Duration.ofDays(1);

  private final Sweeper.Parts parts;
  private final GracePeriods gracePeriods;
  private final Sweeper.Settings settings;
  private final WorkPacer pace;
  private final boolean dryRun;
  private final long now;
  private final long begun = System.nanoTime();

  private final Marks marks = new Marks();
  private final Retention retention;
  private long manifests;
  private long tags;
  private long referrers;
  private long deadLinks;
  private long blobs;
  private long blobBytes;
  private long downloads;
  private long downloadBytes;
  private long waiting;
  private long kept;
  private long oldestUse;

  Sweep(Sweeper.Parts parts, GracePeriods gracePeriods, Sweeper.Settings settings, boolean dryRun) {
    this.parts = parts;
    this.gracePeriods = gracePeriods;
    this.settings = settings;
    this.pace = new WorkPacer(settings.rests());
    this.dryRun = dryRun;
    this.now = parts.clock().millis();
    this.retention = parts.retentions().forSweep(parts, settings, marks, now);
    this.oldestUse = now;
  }

  /** Does it; blocking, for as long as it takes. Never throws. */
  SweepInfo run(long id) {
    String outcome;
    try {
      parts.usage().flush();
    } catch (RuntimeException e) {
      log.warn("recent usage cannot be saved: {}", DiskReason.of(e));
    }
    try (CachedIndex.Generation generation = parts.cached().openGeneration()) {
      parts.retentions().readLinks(parts.index());
      EntryDeletions deaths =
          new EntryDeletions(generation, pace, parts.metrics().upkeep(), dryRun);
      markManifests(deaths);
      sweepTags(deaths);
      sweepReferrers(deaths);
      sweepBlobs();
      sweepLinks(deaths);
      sweepUsage(deaths);
      new VisibilitySweep(parts.index(), pace, now - settings.maxIdle().toMillis()).run(deaths);
      sweepDownloads();
      outcome = "done";
    } catch (SweepStoppedException e) {
      outcome = "stopped";
    } catch (IOException | RuntimeException e) {
      log.warn(
          "garbage collection failed; the next run starts from the beginning: {}",
          DiskReason.of(e));
      outcome = FAILED;
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return new SweepInfo(
        id,
        dryRun,
        outcome,
        now,
        seconds,
        manifests,
        tags,
        referrers,
        deadLinks,
        blobs,
        blobBytes,
        downloads,
        downloadBytes,
        waiting,
        kept);
  }

  /** When the least recently used blob was used; once it has run. */
  long oldestUse() {
    return oldestUse;
  }

  private void markManifests(EntryDeletions deaths) {
    Index index = parts.index();
    List<Change> unknown = new ArrayList<>();
    index.join(
        Tables.MANIFESTS,
        Tables.MANIFEST_USAGE,
        (key, manifest, usage) -> {
          pace.step();
          Optional<String> why = retention.manifest(key, usage);
          if (why.isPresent()) {
            manifests++;
            reason("manifest", key.name(), key, why.get());
            deaths.add(
                "manifest",
                () ->
                    !parts.recent().isRecent(key)
                        && retention
                            .manifest(key, index.get(Tables.MANIFEST_USAGE, key))
                            .isPresent(),
                Tables.MANIFESTS.delete(key),
                Tables.MANIFEST_USAGE.delete(key));
            return;
          }
          if (usage.isEmpty()) {
            unknown.add(Tables.MANIFEST_USAGE.put(key, new UsageRecord(now, 1)));
          }
          marks.mark(key, manifest);
        });
    deaths.deleteAll();
    if (!dryRun) {
      index.apply(unknown);
    }
  }

  private void sweepTags(EntryDeletions deaths) {
    parts
        .index()
        .scan(
            Tables.TAGS,
            (key, target) -> {
              pace.step();
              Optional<String> why = retention.tag(key, target);
              if (why.isPresent()) {
                tags++;
                reason("tag", key.name(), key, why.get());
                deaths.add(
                    "tag", () -> retention.tag(key, target).isPresent(), Tables.TAGS.delete(key));
              }
            });
    deaths.deleteAll();
  }

  private void sweepReferrers(EntryDeletions deaths) {
    parts
        .index()
        .scan(
            Tables.REFERRERS,
            (key, listing) -> {
              pace.step();
              Optional<String> why = retention.referrers(key, listing);
              if (why.isPresent()) {
                referrers++;
                reason("referrers of", key.name().digest(), key, why.get());
                deaths.add(
                    "referrers",
                    () -> retention.referrers(key, listing).isPresent(),
                    Tables.REFERRERS.delete(key));
              }
            });
    deaths.deleteAll();
  }

  private void sweepBlobs() throws IOException {
    try {
      parts
          .index()
          .join(
              Tables.BLOBS,
              Tables.BLOB_USAGE,
              (digest, blob, usage) -> {
                pace.step();
                Optional<String> why = retention.blob(digest, blob, usage);
                if (why.isPresent() && delete(digest, blob, why.get())) {
                  return;
                }
                kept++;
                oldestUse = Math.min(oldestUse, UsageScore.usageOf(blob, usage).lastUse());
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private boolean delete(Digest digest, BlobRecord blob, String why) {
    if (!dryRun) {
      try {
        if (!parts.store().evict(digest, () -> forget(digest, blob))) {
          return false;
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      parts.metrics().upkeep().evicted(UpkeepMeters.Reason.TTL, blob.size());
      pace.step();
    }
    blobs++;
    blobBytes += blob.size();
    log.info("{} blob {} of {}: {}", verb(), digest, Amounts.bytes(blob.size()), why);
    return true;
  }

  /** Under the blob's lock: whether it may still go, and then its entries are gone. */
  private boolean forget(Digest digest, BlobRecord seen) {
    if (parts.recent().isRecent(digest)) {
      return false;
    }
    BlobRecord blob = parts.index().get(Tables.BLOBS, digest).orElse(seen);
    Optional<UsageRecord> usage = parts.index().get(Tables.BLOB_USAGE, digest);
    if (retention.blob(digest, blob, usage).isEmpty()) {
      return false;
    }
    EntryDeletions.finish(
        parts
            .cached()
            .apply(List.of(Tables.BLOBS.delete(digest), Tables.BLOB_USAGE.delete(digest))));
    return true;
  }

  private void sweepLinks(EntryDeletions deaths) {
    gracePeriods.begin(now);
    parts
        .index()
        .scan(
            Tables.LINKS,
            (key, link) -> {
              pace.step();
              Optional<String> why = retention.link(key);
              if (why.isEmpty()) {
                return;
              }
              long name = LongTable.fingerprint(key.zone(), key.repository(), key.name());
              if (gracePeriods.sinceLongerThan(name, settings.grace())) {
                deadLinks++;
                reason("link to", key.name(), key, why.get());
                deaths.add("link", () -> retention.link(key).isPresent(), Tables.LINKS.delete(key));
              } else {
                waiting++;
              }
            });
    deaths.deleteAll();
    gracePeriods.end();
  }

  /** How blobs were used that have gone long ago. */
  private void sweepUsage(EntryDeletions deaths) {
    Index index = parts.index();
    index.scan(
        Tables.BLOB_USAGE,
        (digest, usage) -> {
          pace.step();
          if (now - usage.lastUse() >= settings.maxIdle().toMillis()
              && index.get(Tables.BLOBS, digest).isEmpty()) {
            deaths.add(
                () -> index.get(Tables.BLOBS, digest).isEmpty(), Tables.BLOB_USAGE.delete(digest));
          }
        });
    deaths.deleteAll();
  }

  private void sweepDownloads() throws IOException {
    Instant before = Instant.ofEpochMilli(now).minus(DOWNLOAD_IDLE);
    for (PartFiles.Leftover download : parts.store().parts().leftovers(before)) {
      if (dryRun || parts.store().parts().discard(download.digest())) {
        downloads++;
        downloadBytes += download.bytes();
        log.info(
            "{} unfinished download {}: not resumed for {}",
            verb(),
            download.digest(),
            PlainTime.of(DOWNLOAD_IDLE));
        if (!dryRun) {
          parts.metrics().upkeep().evicted(UpkeepMeters.Reason.ORPHAN, download.bytes());
          pace.step();
        }
      }
    }
  }

  private void reason(String kind, Object name, InRepository<?> at, String why) {
    log.info("{} {} {} of {} from {}: {}", verb(), kind, name, at.repository(), at.zone(), why);
  }

  private String verb() {
    return dryRun ? "would delete" : "deleted";
  }
}
