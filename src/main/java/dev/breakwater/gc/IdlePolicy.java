package dev.breakwater.gc;

import dev.breakwater.index.BlobRecord;
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
import java.time.Duration;
import java.util.Optional;

/**
 * Retention of mirrored content: what was not used for too long goes. Hosted content that nothing
 * reaches goes by the same rules, with another time ({@link ReachabilityPolicy}).
 */
final class IdlePolicy implements Retention {
  /*
   * What stays:
   *
   *   a manifest   that was used within maxIdle. One without a time of use counts
   *                as used now.
   *   a tag        that upstream was asked for within maxIdle, or whose manifest stays.
   *   a listing of referrers   the same, by its subject.
   *   a blob       that a manifest names that stays, in whatever zone; or that was used itself
   *                within maxIdle (what is pulled by digest needs no manifest); or was stored within
   *                the grace period.
   *   a link       that a manifest of its repository names that stays, or whose blob was used
   *                within maxIdle.
   *
   * And what is pinned, with the links to a pinned blob.
   */

  private final Index index;
  private final RecentUse recent;
  private final Pins pins;
  private final Marks marks;
  private final long now;
  private final Duration maxIdle;
  private final Duration grace;
  private final String idleTime;

  /**
   * As of {@code now}, in milliseconds since the epoch.
   *
   * @param marks of the manifests that stay; complete before anything but manifests is asked for
   */
  IdlePolicy(Sweeper.Parts parts, Sweeper.Settings settings, Marks marks, long now) {
    this.index = parts.index();
    this.recent = parts.recent();
    this.pins = parts.retentions().pins();
    this.marks = marks;
    this.now = now;
    this.maxIdle = settings.maxIdle();
    this.grace = settings.grace();
    this.idleTime = PlainTime.of(maxIdle);
  }

  @Override
  public Optional<String> manifest(InRepository<Digest> manifest, Optional<UsageRecord> usage) {
    return why(
        usage.isPresent()
            && isIdle(usage.get().lastUse())
            && !recent.isRecent(manifest)
            && !pins.isManifestPinned(manifest),
        "not used for " + idleTime);
  }

  @Override
  public Optional<String> tag(InRepository<Tag> tag, TagRecord target) {
    return why(
        isIdle(target.checkedAt())
            && !marks.isLiving(tag, target.digest())
            && !pins.isTagPinned(tag),
        "not requested for " + idleTime);
  }

  @Override
  public Optional<String> referrers(InRepository<Subject> subject, ReferrersRecord listing) {
    return why(
        isIdle(listing.checkedAt()) && !marks.isLiving(subject, subject.name().digest()),
        "not requested for " + idleTime);
  }

  @Override
  public Optional<String> link(InRepository<Digest> link) {
    return why(
        !marks.hasLink(link) && !isUsed(link.name()) && !pins.isBlobPinned(link.name()),
        "no manifest in use there names it");
  }

  @Override
  public Optional<String> blob(Digest digest, BlobRecord blob, Optional<UsageRecord> usage) {
    return why(
        isIdle(UsageScore.usageOf(blob, usage).lastUse())
            && now - blob.storedAt() >= grace.toMillis()
            && !marks.names(digest)
            && !recent.isRecent(digest)
            && !pins.isBlobPinned(digest),
        "not used for " + idleTime + ", and no manifest in use names it");
  }

  private boolean isIdle(long lastUse) {
    return now - lastUse >= maxIdle.toMillis();
  }

  private boolean isUsed(Digest blob) {
    if (recent.isRecent(blob)) {
      return true;
    }
    Optional<UsageRecord> usage = index.get(Tables.BLOB_USAGE, blob);
    if (usage.isPresent()) {
      return !isIdle(usage.get().lastUse());
    }
    return index.get(Tables.BLOBS, blob).map(stored -> !isIdle(stored.storedAt())).orElse(false);
  }

  private static Optional<String> why(boolean mayGo, String reason) {
    return mayGo ? Optional.of(reason) : Optional.empty();
  }
}
