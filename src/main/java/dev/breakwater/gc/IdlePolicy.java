package dev.breakwater.gc;

import dev.breakwater.index.Index;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.Optional;

/** What was not used for too long, as a sweep sees it. */
final class IdlePolicy {
  private final Index index;
  private final RecentUse recent;
  private final long now;
  private final Duration maxIdle;

  /** As of {@code now}, in milliseconds since the epoch. */
  IdlePolicy(Index index, RecentUse recent, long now, Duration maxIdle) {
    this.index = index;
    this.recent = recent;
    this.now = now;
    this.maxIdle = maxIdle;
  }

  boolean isIdle(long lastUse) {
    return now - lastUse >= maxIdle.toMillis();
  }

  /** Whether a manifest was used so lately that the index does not know. */
  boolean isRecent(ZoneName zone, RepositoryName repository, Digest digest) {
    return recent.isRecent(new RecentUse.ManifestName(zone, repository, digest));
  }

  /** Whether a blob was used lately enough. */
  boolean isUsed(Digest digest) {
    if (recent.isRecent(digest)) {
      return true;
    }
    Optional<UsageRecord> usage = index.blobUsage(digest);
    if (usage.isPresent()) {
      return !isIdle(usage.get().lastUse());
    }
    return index.blob(digest).map(blob -> !isIdle(blob.storedAt())).orElse(false);
  }

  /** Whether a manifest was not. */
  boolean isUnused(ZoneName zone, RepositoryName repository, Digest manifest) {
    return !isRecent(zone, repository, manifest)
        && index
            .manifestUsage(zone, repository, manifest)
            .map(usage -> isIdle(usage.lastUse()))
            .orElse(true);
  }
}
