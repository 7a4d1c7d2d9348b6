package dev.breakwater.mirror;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import dev.breakwater.mirror.download.BlobSource;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Fetches what an image consists of as soon as its manifest is stored: the client will ask for it
 * in a moment, and then it is on its way. Only blobs, which no registry counts as pulls; an index
 * prefetches nothing, so that only those platforms come that a client here asked for. Thread-safe.
 */
public final class Prefetch {
  /*
   * A client's request goes first: it never waits here, for it begins its download itself, and if a
   * blob is still queued then, the queue finds it under way and passes it over. A prefetch begins
   * only while fewer than RUNNING of them run from its upstream and that has a free transfer slot,
   * and has a single connection until a client waits for it (SegmentScheduler): so what clients ask
   * for first comes first.
   *
   * A manifest is cheap to make and may name anything. So an image is prefetched only if its blobs,
   * with those of all other images that are being prefetched, have at most Settings.mostBytes as
   * the manifests say, and only while clients ask: when none of its blobs was asked for within
   * Settings.firstAsk, or none for Settings.nextAsk after that, the rest is dropped, and so is what
   * runs and no client reads. A blob that turns out larger than its manifest said is dropped too
   * (Download).
   */

  private static final int RUNNING = 6;
  private static final int QUEUED = 2000;
  private static final long LOOK_AGAIN_MILLIS = 1000;
  private static final Logger log = LoggerFactory.getLogger(Prefetch.class);

  /**
   * Its bounds.
   *
   * @param enabled whether it does anything at all
   * @param mostBytes of all images together that are being prefetched
   * @param firstAsk how soon a client must ask for a blob after the manifest
   * @param nextAsk and how soon after the last one that was asked for
   */
  public record Settings(boolean enabled, long mostBytes, Duration firstAsk, Duration nextAsk) {
    /** With the share of a cache of that size, in bytes, that prefetches may fill. */
    public static Settings of(boolean enabled, long cacheBytes) {
      return new Settings(enabled, cacheBytes / 4, Duration.ofSeconds(30), Duration.ofMinutes(10));
    }
  }

  private record Wish(Digest digest, BlobSource source, long size, Image image) {}

  /** The blobs of one manifest that were not known before. */
  private static final class Image {
    private final BlobSource source;
    private final Set<Digest> left = new HashSet<>();
    private long bytes;
    private long until;

    private Image(BlobSource source) {
      this.source = source;
    }
  }

  /** What is prefetched from one upstream. */
  private static final class Lane {
    private final Deque<Wish> queue = new ArrayDeque<>();
    private int running;
    private boolean waiting;
  }

  private final Vertx vertx;
  private final Downloads downloads;
  private final BlobStore store;
  private final Settings settings;
  private final Object lock = new Object();

  @GuardedBy("lock")
  private final Map<ZoneName, Lane> lanes = new HashMap<>();

  /** By the blobs that are queued or run; looked up without the lock. */
  private final Map<Digest, Image> images = new ConcurrentHashMap<>();

  @GuardedBy("lock")
  private long bytes;

  /** Nothing is prefetched yet. */
  public Prefetch(Vertx vertx, Downloads downloads, BlobStore store, Settings settings) {
    this.vertx = vertx;
    this.downloads = downloads;
    this.store = store;
    this.settings = settings;
  }

  /** The repository now has this manifest, and a client that asked for it. */
  void stored(ManifestDocument document, BlobSource source) {
    if (!settings.enabled()) {
      return;
    }
    Image image = new Image(source);
    synchronized (lock) {
      if (!fits(document)) {
        log.info(
            "an image of {} is not prefetched, only fetched as clients ask: the images being"
                + " prefetched would exceed a quarter of cache.maxSize",
            source);
        return;
      }
      Lane lane = lanes.computeIfAbsent(source.zone(), ignored -> new Lane());
      for (Descriptor blob : document.blobs()) {
        boolean sound = blob.digest().mayHaveSize(blob.size());
        if (sound
            && lane.queue.size() < QUEUED
            && images.putIfAbsent(blob.digest(), image) == null) {
          lane.queue.add(new Wish(blob.digest(), source, blob.size(), image));
          image.left.add(blob.digest());
          image.bytes += blob.size();
        }
      }
      bytes += image.bytes;
      image.until = System.nanoTime() + settings.firstAsk().toNanos();
      if (image.left.isEmpty()) {
        return;
      }
    }
    vertx.setTimer(millis(settings.firstAsk().toNanos()), timer -> dropIfUnasked(image));
    advance(source.zone());
  }

  @GuardedBy("lock")
  private boolean fits(ManifestDocument document) {
    long sum = bytes;
    for (Descriptor blob : document.blobs()) {
      // Without an overflow: sum is never above the bound.
      if (blob.size() > settings.mostBytes() - sum) {
        return false;
      }
      sum += blob.size();
    }
    return true;
  }

  /** A client asks for this blob. */
  void asked(Digest digest) {
    Image image = images.get(digest);
    if (image != null) {
      synchronized (lock) {
        image.until = System.nanoTime() + settings.nextAsk().toNanos();
      }
    }
  }

  private void dropIfUnasked(Image image) {
    List<Digest> dropped = new ArrayList<>();
    synchronized (lock) {
      long rest = image.until - System.nanoTime();
      if (image.left.isEmpty()) {
        return;
      }
      if (rest > 0) {
        vertx.setTimer(millis(rest), timer -> dropIfUnasked(image));
        return;
      }
      Lane lane = lanes.get(image.source.zone());
      if (lane != null) {
        for (Wish wish : List.copyOf(lane.queue)) {
          if (wish.image() == image) {
            lane.queue.remove(wish);
            ended(wish);
          }
        }
      }
      dropped.addAll(image.left);
    }
    log.info(
        "no client asks for the image of {}: its other blobs are not prefetched", image.source);
    dropped.forEach(downloads::stopUnread);
  }

  private static long millis(long nanos) {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos) + 1);
  }

  private void advance(ZoneName zone) {
    Optional<Wish> next = next(zone);
    while (next.isPresent()) {
      begin(next.get());
      next = next(zone);
    }
  }

  private Optional<Wish> next(ZoneName zone) {
    synchronized (lock) {
      Lane lane = lanes.get(zone);
      if (lane == null || lane.running >= RUNNING || lane.queue.isEmpty()) {
        return Optional.empty();
      }
      if (downloads.hasFreeTransfer(zone)) {
        lane.running++;
        return Optional.of(lane.queue.remove());
      }
      if (lane.running == 0 && !lane.waiting) {
        // Clients have all the slots, and there is no event for when they are done.
        lane.waiting = true;
        vertx.setTimer(LOOK_AGAIN_MILLIS, timer -> lookAgain(zone, lane));
      }
      return Optional.empty();
    }
  }

  private void lookAgain(ZoneName zone, Lane lane) {
    synchronized (lock) {
      lane.waiting = false;
    }
    advance(zone);
  }

  /** The upstream may have had no slot for the next one: each end looks again. */
  private void begin(Wish wish) {
    ZoneName zone = wish.source().zone();
    store
        .isStored(wish.digest())
        .compose(
            stored ->
                stored
                    ? Future.<Void>succeededFuture()
                    : downloads.prefetch(wish.digest(), wish.source(), wish.size()))
        .onComplete(
            over -> {
              synchronized (lock) {
                Lane lane = lanes.get(zone);
                if (lane != null) {
                  lane.running--;
                }
                ended(wish);
              }
              vertx.runOnContext(ignored -> advance(zone));
            });
  }

  @GuardedBy("lock")
  private void ended(Wish wish) {
    Image image = wish.image();
    if (image.left.remove(wish.digest())) {
      images.remove(wish.digest(), image);
      image.bytes -= wish.size();
      bytes -= wish.size();
    }
  }
}
