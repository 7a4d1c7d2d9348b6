package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DamageWatch;
import io.vertx.core.Future;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks after blobs that were found damaged, by a reader or the scrubber: logs it, takes them out
 * of the index and has them fetched again from a repository that has them. What was pushed here
 * exists nowhere else and is reported loudly. Works on a thread of its own; the request that met
 * the damage fetches the blob by itself and does not wait for this.
 */
public final class ScrubHealing implements DamageWatch, AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ScrubHealing.class);
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** Enough to see what a failing disk does to files. */
  private static final long QUARANTINE_BYTES = 1L << 30;

  private final BlobStore store;
  private final Index index;
  private final Consumer<List<Change>> apply;
  private final ScrubHealer healer;
  private final Metrics metrics;
  private final BlockingQueue<Digest> patients = new LinkedBlockingQueue<>();
  private final AtomicLong damaged = new AtomicLong();
  private final AtomicLong healed = new AtomicLong();
  private final BackgroundThread thread;

  /** A repository that may read the blob. */
  private record Owner(ZoneName zone, RepositoryName repository, long size) {
    boolean isPusher() {
      return zone.equals(ZoneName.HOSTED);
    }

    @Override
    public String toString() {
      return repository + " of " + zone;
    }
  }

  private ScrubHealing(
      BlobStore store,
      Index index,
      Consumer<List<Change>> apply,
      ScrubHealer healer,
      Metrics metrics) {
    this.store = store;
    this.index = index;
    this.apply = apply;
    this.healer = healer;
    this.metrics = metrics;
    this.thread =
        new BackgroundThread("scrub-healing", LONGEST_PAUSE, metrics.background(), this::run);
  }

  /**
   * Starts to watch the store.
   *
   * @param apply makes changes to the index so that the request path knows of them; blocking
   */
  public static ScrubHealing start(
      BlobStore store,
      Index index,
      Consumer<List<Change>> apply,
      ScrubHealer healer,
      Metrics metrics) {
    ScrubHealing healing = new ScrubHealing(store, index, apply, healer, metrics);
    store.quarantine().watch(healing);
    healing.thread.start();
    return healing;
  }

  @Override
  public void damaged(Digest digest) {
    damaged.incrementAndGet();
    patients.add(digest);
  }

  @Override
  public void healed(Digest digest) {
    healed.incrementAndGet();
    metrics.upkeep().blobHealed();
    log.info("blob {} was damaged and has been fetched again", digest);
  }

  /** How many blobs were found damaged. */
  long damagedCount() {
    return damaged.get();
  }

  /** How many of those have been fetched again. */
  long healedCount() {
    return healed.get();
  }

  private void run() throws IOException, InterruptedException {
    while (true) {
      List<Digest> batch = new ArrayList<>();
      batch.add(patients.take());
      patients.drainTo(batch);
      treat(batch);
      thread.succeeded();
    }
  }

  /** One scan of the links for all of them. */
  private void treat(List<Digest> batch) throws IOException {
    Map<Digest, List<Owner>> owners = new HashMap<>();
    batch.forEach(digest -> owners.put(digest, new ArrayList<>()));
    try {
      for (Digest digest : owners.keySet()) {
        // Unless the request that met the damage has fetched it by now.
        if (!store.contains(digest)) {
          apply.accept(List.of(Tables.BLOBS.delete(digest)));
        }
      }
      index.scan(
          Tables.LINKS,
          (key, link) -> {
            List<Owner> of = owners.get(key.name());
            if (of != null) {
              of.add(new Owner(key.zone(), key.repository(), link.size()));
            }
          });
    } catch (IndexException e) {
      log.warn(
          "the index cannot be read, so {} damaged blobs may not be fetched again: {}",
          batch.size(),
          DiskReason.of(e));
    }
    owners.forEach(this::treat);
    store.quarantine().trim(QUARANTINE_BYTES);
  }

  private void treat(Digest digest, List<Owner> owners) {
    List<Owner> pushers = owners.stream().filter(Owner::isPusher).toList();
    metrics.upkeep().blobDamaged(!pushers.isEmpty());
    if (pushers.isEmpty()) {
      log.error("blob {} is damaged; its file is in the quarantine; check the disk", digest);
    } else {
      log.error(
          "blob {}, which was pushed to {}, is damaged: its file is in the quarantine; check the"
              + " disk and push it again",
          digest,
          pushers);
      keepForever(digest);
    }
    List<Owner> others = owners.stream().filter(owner -> !owner.isPusher()).toList();
    refetch(digest, others, 0);
  }

  private void keepForever(Digest digest) {
    try {
      store.quarantine().keep(digest);
    } catch (IOException e) {
      log.warn(
          "the damaged file of blob {} cannot be kept in the quarantine: {}",
          digest,
          DiskReason.of(e));
    }
  }

  private void refetch(Digest digest, List<Owner> owners, int next) {
    if (next == owners.size() || store.contains(digest)) {
      return;
    }
    Owner owner = owners.get(next);
    healer
        .refetch(owner.zone(), owner.repository(), digest, owner.size())
        .otherwise(false)
        .compose(
            there -> {
              if (!there) {
                log.warn("blob {} could not be fetched again from {}", digest, owner);
                refetch(digest, owners, next + 1);
              }
              return Future.succeededFuture();
            });
  }

  /** Stops watching; what has begun to be fetched goes on. */
  @Override
  public void close() {
    store.quarantine().watch(DamageWatch.NONE);
    thread.stop();
  }
}
