package dev.breakwater.mirror.download;

import static java.util.concurrent.TimeUnit.SECONDS;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongFunction;

/** What one download works with, on a real disk. */
final class DownloadFixture {
  static final DownloadSettings SETTINGS =
      new DownloadSettings(
          new DownloadSettings.Answers(
              32, 64, Duration.ofSeconds(20), Duration.ofSeconds(20), Duration.ofSeconds(25)),
          new DownloadSettings.Buffers(4096, 256, 1024 * 1024, Duration.ofSeconds(10)),
          new DownloadSettings.Retries(3, Duration.ofMillis(1)),
          new DownloadSettings.Segments(10_000, 500, 4000, 100, Duration.ofMillis(10)),
          new DownloadSettings.Unread(1000, 0.25, Duration.ofMinutes(10)),
          new DownloadSettings.Limits(128, 32, 1_000_000_000));

  final Vertx vertx = Vertx.vertx();
  final Metrics metrics = new Metrics("test", List.of("docker.io"));
  final AtomicLong room = new AtomicLong(Long.MAX_VALUE / 4);
  final Path data;
  final BlobStore store;
  final DiskBudget budget;

  DownloadFixture(Path data) throws IOException {
    this.data = data;
    this.store = BlobStore.open(vertx, new StorageLayout(data));
    this.budget = new DiskBudget(Long.MAX_VALUE / 4, 0, store.volume().contentBytes(), room::get);
  }

  /** Tells an index that does as the test says. */
  record Owner(LongFunction<Future<Void>> index) implements Downloads.Owner {
    @Override
    public Future<Void> publish(Digest digest, BlobSource source, long size) {
      return index.apply(size);
    }

    @Override
    public RuntimeException refusal(String subject, Throwable failure) {
      return new IllegalStateException(subject, failure);
    }
  }

  /** Of a download from a source that never answers. */
  DownloadParts parts(Digest digest) throws IOException {
    return parts(digest, ScriptedSource.silent(), new Owner(size -> Future.succeededFuture()));
  }

  DownloadParts parts(Digest digest, BlobSource source, Downloads.Owner owner) throws IOException {
    return new DownloadParts(
        source,
        store.parts().open(digest).orElseThrow(),
        new DownloadMemory(1 << 20),
        new TransferSlots(8),
        new SegmentHistory(System::nanoTime),
        () -> false,
        SETTINGS,
        new Downloads.Parts(vertx, store, budget, owner, metrics, 1));
  }

  Path partFile(Digest digest) {
    return data.resolve("downloads/" + digest.hex() + ".part");
  }

  void close() throws Exception {
    store.close();
    metrics.close();
    vertx.close().await(10, SECONDS);
  }
}
