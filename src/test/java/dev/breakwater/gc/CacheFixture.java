package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.TurnedClock;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/** A store with its budget and an index in memory, and a clock that the test turns. */
final class CacheFixture {
  static final int BLOCK = 4096;

  final TurnedClock clock = TurnedClock.standing();
  final Vertx vertx = Vertx.vertx();
  final Metrics metrics = new Metrics("test", List.of("docker.io"));
  final MemoryIndex index = new MemoryIndex();
  final CachedIndex cached = new CachedIndex(vertx, index, 1);
  final RecentUse recent = new RecentUse();
  final Set<Digest> pinned = ConcurrentHashMap.newKeySet();
  final Set<InRepository<Digest>> pinnedManifests = ConcurrentHashMap.newKeySet();
  final Set<InRepository<Tag>> pinnedTags = ConcurrentHashMap.newKeySet();

  /** Whether everything is pinned just after it was asked for. */
  volatile boolean pinsLate;

  private final AtomicReference<Runnable> whenAsked = new AtomicReference<>(() -> {});

  /** Has this done when a pin is asked for, after so many times; a sweep asks when it looks. */
  void afterLooks(int looks, Runnable action) {
    whenAsked.set(looks == 0 ? action : () -> afterLooks(looks - 1, action));
  }

  final BlobStore store;
  final DiskBudget budget;
  final UsageWriter usage =
      new UsageWriter(
          recent,
          index,
          UsageScore.DEFAULT,
          new UsageWriter.Settings(Duration.ofDays(1), Duration.ofMinutes(10)),
          metrics.background());

  Leases leases = new Leases(Duration.ofSeconds(30));

  private final Pins pins =
      new Pins() {
        @Override
        public boolean isTagPinned(InRepository<Tag> tag) {
          return isIn(pinnedTags, tag);
        }

        @Override
        public boolean isManifestPinned(InRepository<Digest> manifest) {
          return isIn(pinnedManifests, manifest);
        }

        @Override
        public boolean isBlobPinned(Digest blob) {
          return isIn(pinned, blob);
        }
      };

  /** Everything is mirrored. */
  Retentions retentions = new Retentions(cached, recent, clock, pins, Retentions.Hosted.NONE);

  /** From now on, what is stored in these zones is hosted. */
  void host(Retentions.Hosted hosted) {
    retentions = new Retentions(cached, recent, clock, pins, hosted);
  }

  private <T> boolean isIn(Set<T> pins, T asked) {
    whenAsked.getAndSet(() -> {}).run();
    boolean isPinned = pins.contains(asked);
    if (pinsLate) {
      pins.add(asked);
    }
    return isPinned;
  }

  CacheFixture(Path data, long limit) throws IOException {
    store = BlobStore.open(vertx, new StorageLayout(data));
    budget = new DiskBudget(limit, 0, 0, () -> Long.MAX_VALUE / 4);
    store.whenFreed(budget::freed);
  }

  Sweeper.Parts sweeperParts() {
    return new Sweeper.Parts(
        store,
        index,
        cached,
        recent,
        usage,
        retentions,
        IndexSpace.Watched.UNBOUNDED,
        metrics,
        clock);
  }

  Eviction eviction() {
    return eviction(index::apply);
  }

  /** One that changes the index in that way. */
  Eviction eviction(Consumer<List<Change>> apply) {
    return new Eviction(
        new Eviction.Parts(
            budget,
            store,
            index,
            apply,
            recent,
            usage,
            UsageScore.DEFAULT,
            leases,
            retentions.pinsAndHosted(),
            metrics,
            clock));
  }

  void turn(Duration by) {
    clock.turn(by);
  }

  long now() {
    return clock.millis();
  }

  static byte[] content(int number, int size) {
    byte[] bytes = new byte[size];
    ByteBuffer.wrap(bytes).putInt(number);
    return bytes;
  }

  /** A blob of one block, stored now. */
  Digest blob(int number) throws IOException {
    return blob(number, BLOCK);
  }

  Digest blob(int number, int size) throws IOException {
    byte[] bytes = content(number, size);
    Digest digest = Digest.ofSha256(bytes);
    DiskBudget.Reservation room = budget.reserve(PartFile.bytesOfBlob(size)).orElseThrow();
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      part.commit(size);
      index.apply(List.of(Tables.BLOBS.put(digest, new BlobRecord(size, now()))));
    }
    room.settle(PartFile.bytesOfBlob(size));
    return digest;
  }

  /** Notes that it was used so often, so long ago. */
  void used(Digest digest, double uses, Duration ago) {
    index.apply(
        List.of(Tables.BLOB_USAGE.put(digest, new UsageRecord(now() - ago.toMillis(), uses))));
  }

  /** Its path below the data directory. */
  static Path file(Digest digest) {
    return Path.of("blobs", "sha256", digest.hex().substring(0, 2), digest.hex());
  }

  boolean has(Digest digest) {
    return store.contains(digest) && index.get(Tables.BLOBS, digest).isPresent();
  }

  void close() throws Exception {
    store.close();
    metrics.close();
    vertx.close().await(10, SECONDS);
  }
}
