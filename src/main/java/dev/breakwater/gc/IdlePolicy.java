package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
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

  /** Whether a blob was used lately enough. */
  boolean isUsed(Digest digest) {
    if (recent.isRecent(digest)) {
      return true;
    }
    Optional<UsageRecord> usage = index.get(Tables.BLOB_USAGE, digest);
    if (usage.isPresent()) {
      return !isIdle(usage.get().lastUse());
    }
    return index.get(Tables.BLOBS, digest).map(blob -> !isIdle(blob.storedAt())).orElse(false);
  }

  /** Whether a manifest was not. */
  boolean isUnused(InRepository<Digest> manifest) {
    return !recent.isRecent(manifest)
        && index
            .get(Tables.MANIFEST_USAGE, manifest)
            .map(usage -> isIdle(usage.lastUse()))
            .orElse(true);
  }
}
