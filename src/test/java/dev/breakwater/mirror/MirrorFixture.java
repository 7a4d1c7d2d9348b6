package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.index.RecentUse;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.mirror.download.DownloadSettings;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Region;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.TurnedClock;
import io.prometheus.metrics.model.snapshots.GaugeSnapshot;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;

/** A mirror of two scripted upstreams, on a real disk, with a clock that the test turns. */
final class MirrorFixture {
  static final RepositoryName NGINX = new RepositoryName("library/nginx");
  private static final Duration IDLE_END = Duration.ofMinutes(10);
  static final DownloadSettings SETTINGS =
      settings(128, Duration.ofSeconds(25), Duration.ofSeconds(10));

  static DownloadSettings settings(int downloads, Duration answer, Duration standstill) {
    return settings(downloads, answer, standstill, Duration.ofSeconds(20), IDLE_END);
  }

  /** Small blobs are not waited for. */
  static DownloadSettings hastyToAnswer() {
    return settings(
        128, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofMillis(1), IDLE_END);
  }

  /** What no client reads must end within that time. */
  static DownloadSettings idleEnd(Duration idleEnd) {
    return settings(
        128, Duration.ofSeconds(25), Duration.ofSeconds(10), Duration.ofSeconds(20), idleEnd);
  }

  private static DownloadSettings settings(
      int downloads,
      Duration answer,
      Duration standstill,
      Duration provePatience,
      Duration idleEnd) {
    return new DownloadSettings(
        new DownloadSettings.Answers(32, 64, Duration.ofSeconds(20), provePatience, answer),
        new DownloadSettings.Buffers(4096, 256, 1024 * 1024, standstill),
        new DownloadSettings.Retries(3, Duration.ofMillis(1)),
        new DownloadSettings.Segments(10_000, 500, 4000, 100, Duration.ofMillis(10)),
        new DownloadSettings.Unread(1000, 0.25, idleEnd),
        new DownloadSettings.Limits(downloads, 32, 1_000_000_000));
  }

  static final PullThrough.Policy POLICY = new PullThrough.Policy(Duration.ofSeconds(20), true);

  final Vertx vertx = Vertx.vertx();
  final TurnedClock clock = TurnedClock.standing();
  final ScriptedUpstream hub = new ScriptedUpstream(vertx, "docker.io");
  final ScriptedUpstream other = new ScriptedUpstream(vertx, "ghcr.io");
  final Metrics metrics = new Metrics("test", List.of("docker.io", "ghcr.io"));
  final MemoryIndex facts = new MemoryIndex();
  final RecentUse recent = new RecentUse();
  final CachedIndex index;
  final BlobStore store;
  final AtomicLong room = new AtomicLong(Long.MAX_VALUE / 4);
  final DiskBudget budget;
  final Downloads downloads;
  final PullThrough mirror;
  private final PullThroughRegistry docker;
  private final PullThroughRegistry elsewhere;

  MirrorFixture(Path data) throws IOException {
    this(data, SETTINGS, false);
  }

  /** With another policy, times to live of Docker Hub's tags, and grace after them. */
  MirrorFixture(Path data, PullThrough.Policy policy, TagTtls rules, Duration grace)
      throws IOException {
    this(data, SETTINGS, Prefetch.Settings.of(false, 0), policy, rules, grace);
  }

  MirrorFixture(Path data, DownloadSettings settings, boolean prefetch) throws IOException {
    this(data, settings, Prefetch.Settings.of(prefetch, 1_000_000));
  }

  MirrorFixture(Path data, DownloadSettings settings, Prefetch.Settings prefetch)
      throws IOException {
    this(
        data,
        settings,
        prefetch,
        POLICY,
        new TagTtls(Duration.ofSeconds(60), List.of()),
        Duration.ZERO);
  }

  private MirrorFixture(
      Path data,
      DownloadSettings settings,
      Prefetch.Settings prefetch,
      PullThrough.Policy policy,
      TagTtls rules,
      Duration grace)
      throws IOException {
    index = new CachedIndex(vertx, facts, 2);
    store = BlobStore.open(vertx, new StorageLayout(data));
    budget = new DiskBudget(Long.MAX_VALUE / 4, 0, store.volume().contentBytes(), room::get);
    downloads =
        new Downloads(
            new Downloads.Parts(vertx, store, budget, new MirroredBlobs(index, clock), metrics, 8),
            settings);
    Ticker ticker = () -> clock.millis() * 1_000_000;
    mirror =
        new PullThrough(
            vertx,
            new PullThrough.Content(index, recent, store),
            new PullThrough.Fetching(
                downloads,
                new Prefetch(vertx, downloads, store, prefetch),
                new NegativeCache(Duration.ofSeconds(10), ticker, () -> "")),
            new Freshness(
                clock,
                Map.of(
                    hub.zone(),
                    rules,
                    other.zone(),
                    new TagTtls(Duration.ofSeconds(60), List.of())),
                grace),
            policy,
            metrics);
    docker = new PullThroughRegistry(mirror, hub, ZoneAccess.OPEN);
    elsewhere = new PullThroughRegistry(mirror, other, ZoneAccess.OPEN);
  }

  Repository nginx() {
    return docker.repository(NGINX, Identity.ANONYMOUS);
  }

  Repository elsewhere(String name) {
    return elsewhere.repository(new RepositoryName(name), Identity.ANONYMOUS);
  }

  /** Calls as a request would, on an event loop of its own. */
  <T> Future<T> onLoop(Supplier<Future<T>> call) {
    Promise<T> promise = Promise.promise();
    vertx.runOnContext(ignored -> call.get().onComplete(promise));
    return promise.future();
  }

  Future<Served<BlobBody>> open(Repository repository, Digest digest) {
    return open(repository, digest, null);
  }

  Future<Served<BlobBody>> open(Repository repository, Digest digest, String range) {
    Optional<RangeRequest> parsed = Optional.ofNullable(range).flatMap(RangeRequest::parse);
    return onLoop(() -> repository.blobs().open(digest, parsed));
  }

  /** Reads to the end, as an answer would, and closes. */
  Future<Buffer> readAll(BlobBody body) {
    return read(body, 0, body.size());
  }

  Future<Buffer> read(BlobBody body, long from, long to) {
    Buffer all = Buffer.buffer();
    return onLoop(() -> append(body, all, from, to)).eventually(() -> closed(body));
  }

  /** The same body, for a read that is not the answer's last. */
  BlobBody keepingOpen(BlobBody body) {
    return new BlobBody() {
      @Override
      public Digest digest() {
        return body.digest();
      }

      @Override
      public long size() {
        return body.size();
      }

      @Override
      public Future<Region> next(long from, long to) {
        return body.next(from, to);
      }

      @Override
      public void close() {
        // The test closes the body itself.
      }
    };
  }

  private static Future<Void> closed(BlobBody body) {
    body.close();
    return Future.succeededFuture();
  }

  private static Future<Buffer> append(BlobBody body, Buffer all, long from, long to) {
    if (from == to) {
      return Future.succeededFuture(all);
    }
    return body.next(from, to)
        .compose(
            region -> {
              all.appendBuffer(Regions.bytes(region));
              return append(body, all, from + region.length(), to);
            });
  }

  double gauge(String name) {
    return metrics.registry().scrape().stream()
        .filter(meter -> meter.getMetadata().getName().equals("breakwater_" + name))
        .flatMap(meter -> ((GaugeSnapshot) meter).getDataPoints().stream())
        .mapToDouble(GaugeSnapshot.GaugeDataPointSnapshot::getValue)
        .sum();
  }

  void close() throws Exception {
    downloads.close().await(10, SECONDS);
    store.close();
    index.close().await(10, SECONDS);
    metrics.close();
    vertx.close().await(10, SECONDS);
  }
}
