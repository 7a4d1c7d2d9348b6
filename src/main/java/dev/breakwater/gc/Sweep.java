package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.metrics.UpkeepMeters;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import io.vertx.core.Future;
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
  /*
   * What lives:
   *
   *   a manifest   that was used within maxIdle. One without a time of use counts
   *                as used now, and is noted so.
   *   a tag        that upstream was asked for within maxIdle, or whose manifest lives.
   *   a listing of referrers   the same, by its subject.
   *   a blob       that a living manifest names, in whatever zone; or that was used itself within
   *                maxIdle (what is pulled by digest needs no manifest); or was stored within the
   *                grace period; or is pinned.
   *   a link       that a living manifest of its repository names, or whose blob was used within
   *                maxIdle. Else it is a suspect, and goes when a sweep finds it one again after the
   *                grace period: it says nothing of when it was made.
   *   a left download   that was written to within a day.
   *
   * Everything else goes. These hold, whatever happens at the same time:
   *
   *   1  Entries: what was put into the index since the sweep began is not deleted by it. Puts and
   *      the sweep's deletes go through CachedIndex, which remembers the names of what is put while
   *      a generation is open, and deletes under a lock only what is not among them. So a manifest
   *      that is stored again keeps its entry and its links, although the mark did not see it.
   *   2  Use: what was used since is not deleted. Requests note a use after they have opened the
   *      blob and before they close it, and RecentUse tells of a use until the index knows it; the
   *      sweep asks both again under the blob's lock.
   *   3  Files: a blob is deleted under its lock in the store, entry first, then file. Under the
   *      lock no reader opens it, and what is open, being written, or committed and not yet in the
   *      index is left alone (BlobStore). So a download whose blob has just come, a follower that
   *      still reads its part file and a push that holds its blob (Pins) are safe, and a crash
   *      leaves at most a file without an entry, which the next start adopts.
   *   4  Downloads: a rest is deleted under the claim that a download of that digest would need.
   *   5  Whatever is deleted can be had again: a request that misses a blob, a link or a manifest
   *      asks upstream. So the worst that a wrong decision costs a mirrored image is time. What
   *      is not at an upstream, because it was pushed here, is pinned by its owner, who is asked
   *      under the blob's lock.
   *
   * It may be stopped between any two deletions and needs no memory of where it was: the next one
   * decides everything afresh.
   */

  private static final Logger log = LoggerFactory.getLogger(Sweep.class);
  private static final Duration DOWNLOAD_IDLE = Duration.ofDays(1);

  private final Sweeper.Parts parts;
  private final GracePeriods gracePeriods;
  private final Duration maxIdle;
  private final Duration grace;
  private final WorkPacer pace;
  private final boolean dryRun;
  private final long now;
  private final long begun = System.nanoTime();

  private final Marks marks = new Marks();
  private final IdlePolicy idlePolicy;
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
    this.maxIdle = settings.maxIdle();
    this.grace = settings.grace();
    this.pace = new WorkPacer(settings.rests());
    this.dryRun = dryRun;
    this.now = parts.clock().millis();
    this.idlePolicy = new IdlePolicy(parts.index(), parts.recent(), now, maxIdle);
    this.oldestUse = now;
  }

  /** Does it; blocking, for as long as it takes. Never throws. */
  SweepReport run(long id) {
    String outcome;
    try {
      parts.usage().flush();
    } catch (RuntimeException e) {
      log.warn("what was used lately is not written down: {}", e.toString());
    }
    try (CachedIndex.Generation generation = parts.cached().openGeneration()) {
      EntryDeletions deaths =
          new EntryDeletions(generation, pace, parts.metrics().upkeep(), dryRun);
      markManifests(deaths);
      sweepTags(deaths);
      sweepReferrers(deaths);
      sweepBlobs();
      sweepLinks(deaths);
      sweepUsage(deaths);
      sweepDownloads();
      outcome = "done";
    } catch (SweepStoppedException e) {
      outcome = "stopped";
    } catch (IOException | RuntimeException e) {
      log.warn("the sweep failed, the next one begins again: {}", e.toString());
      outcome = SweepReport.FAILED;
    }
    double seconds = (System.nanoTime() - begun) / 1e9;
    return new SweepReport(
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
    List<Change> unknown = new ArrayList<>();
    parts
        .index()
        .join(
            Tables.MANIFESTS,
            Tables.MANIFEST_USAGE,
            (key, manifest, usage) -> {
              pace.step();
              if (usage.isPresent()
                  && idlePolicy.isIdle(usage.get().lastUse())
                  && !parts.recent().isRecent(key)) {
                manifests++;
                reason("manifest", key.name(), key, "it was not used for " + maxIdle);
                deaths.add(
                    "manifest",
                    () -> idlePolicy.isUnused(key),
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
      parts.index().apply(unknown);
    }
  }

  private void sweepTags(EntryDeletions deaths) {
    parts
        .index()
        .scan(
            Tables.TAGS,
            (key, record) -> {
              pace.step();
              if (idlePolicy.isIdle(record.checkedAt()) && !marks.isLiving(key, record.digest())) {
                tags++;
                reason("tag", key.name(), key, "not requested for " + maxIdle);
                deaths.add("tag", () -> true, Tables.TAGS.delete(key));
              }
            });
    deaths.deleteAll();
  }

  private void sweepReferrers(EntryDeletions deaths) {
    parts
        .index()
        .scan(
            Tables.REFERRERS,
            (key, record) -> {
              pace.step();
              Digest subject = key.name().digest();
              if (idlePolicy.isIdle(record.checkedAt()) && !marks.isLiving(key, subject)) {
                referrers++;
                reason("referrers of", subject, key, "not requested for " + maxIdle);
                deaths.add("referrers", () -> true, Tables.REFERRERS.delete(key));
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
                long lastUse = UsageScore.usageOf(blob, usage).lastUse();
                if (isDead(digest, blob, lastUse) && delete(digest, blob)) {
                  return;
                }
                kept++;
                oldestUse = Math.min(oldestUse, lastUse);
              });
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private boolean isDead(Digest digest, BlobRecord blob, long lastUse) {
    return idlePolicy.isIdle(lastUse)
        && now - blob.storedAt() >= grace.toMillis()
        && !marks.names(digest)
        && !parts.recent().isRecent(digest)
        && !parts.pins().isPinned(digest);
  }

  private boolean delete(Digest digest, BlobRecord blob) {
    if (!dryRun) {
      try {
        if (!parts.store().evict(digest, () -> forget(digest))) {
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
    log.info(
        "{} {} of {} bytes: it was not used for {} and nothing in use names it",
        verb(),
        digest,
        blob.size(),
        maxIdle);
    return true;
  }

  /** Under the blob's lock: whether it is still dead, and then its entries are gone. */
  private boolean forget(Digest digest) {
    Optional<BlobRecord> blob = parts.index().get(Tables.BLOBS, digest);
    Optional<UsageRecord> usage = parts.index().get(Tables.BLOB_USAGE, digest);
    if (blob.isPresent()
        && !isDead(digest, blob.get(), UsageScore.usageOf(blob.get(), usage).lastUse())) {
      return false;
    }
    finish(
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
              long name = LongTable.fingerprint(key.zone(), key.repository(), key.name());
              if (marks.hasLink(name) || idlePolicy.isUsed(key.name())) {
                return;
              }
              if (gracePeriods.sinceLongerThan(name, grace)) {
                deadLinks++;
                reason("link to", key.name(), key, "nothing in use there names it");
                deaths.add("link", () -> !idlePolicy.isUsed(key.name()), Tables.LINKS.delete(key));
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
          if (idlePolicy.isIdle(usage.lastUse()) && index.get(Tables.BLOBS, digest).isEmpty()) {
            deaths.add(
                () -> index.get(Tables.BLOBS, digest).isEmpty(), Tables.BLOB_USAGE.delete(digest));
          }
        });
    deaths.deleteAll();
  }

  private void sweepDownloads() throws IOException {
    Instant before = Instant.ofEpochMilli(now).minus(DOWNLOAD_IDLE);
    for (BlobStore.LeftDownload download : parts.store().leftDownloads(before)) {
      if (dryRun || parts.store().discardDownload(download.digest())) {
        downloads++;
        downloadBytes += download.bytes();
        log.info(
            "{} the rest of a download of {}: not resumed for {}",
            verb(),
            download.digest(),
            DOWNLOAD_IDLE);
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

  /** What has begun is finished, even when the sweep is to stop. */
  static void finish(Future<Void> change) {
    change.toCompletionStage().toCompletableFuture().join();
  }
}
