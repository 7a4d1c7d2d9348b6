package dev.breakwater.app;

import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.DiskBudget;
import java.io.IOException;
import java.util.Map;

/** What the metrics say of the disk and the index. */
final class CacheGauges {
  private CacheGauges() {}

  static void disk(Metrics metrics, BlobStore store, DiskBudget budget, RocksIndex index) {
    metrics.gauge(
        "cache_bytes",
        "Bytes of everything in the data directory, reservations included.",
        budget::used);
    metrics.gauge(
        "cache_content_bytes",
        "Bytes of blobs and downloads, in whole blocks, reservations included.",
        budget::content);
    metrics.gauge("cache_limit_bytes", "Limit of breakwater_cache_bytes.", budget::limit);
    metrics.gauge(
        "cache_effective_limit_bytes",
        "What the cache can grow to now: the limit, or less if other files fill the volume.",
        () -> budget.standing().map(now -> (double) now.effectiveLimit()).orElse(Double.NaN));
    metrics.gauge(
        "filesystem_avail_bytes",
        "Free bytes of the volume that the data directory is on.",
        () -> bytes(store.volume()::usableBytes));
    metrics.gauge(
        "filesystem_size_bytes",
        "All bytes of the volume that the data directory is on.",
        () -> bytes(store.volume()::totalBytes));
    metrics.gauge(
        "index_writable",
        "Whether the index takes writes (1) or the disk refuses them (0).",
        () -> index.writable() ? 1 : 0);
  }

  static void directory(Metrics metrics, DataDirectoryWatch watch) {
    metrics.gauge(
        "data_directory_writable",
        "Whether the data directory takes writes (1) or not (0), so that nothing new is cached.",
        () -> watch.isWritable() ? 1 : 0);
  }

  static void pressure(Metrics metrics, DiskPressureWatch watch) {
    metrics.gauge(
        "disk_pressure",
        "Whether other files on the volume keep the cache well below its limit (1) or not (0).",
        () -> watch.isPressed() ? 1 : 0);
  }

  static void index(Metrics metrics, RocksIndex index, CachedIndex cached) {
    metrics.gauge(
        "cache_objects",
        "About how many objects the cache holds.",
        "kind",
        Map.of(
            "blob",
            () -> index.estimatedSize(Tables.BLOBS),
            "manifest",
            () -> index.estimatedSize(Tables.MANIFESTS)));
    metrics.gauge(
        "rocksdb_memory_bytes", "Memory of the index outside the Java heap.", index::memoryBytes);
    metrics.gauge("rocksdb_table_bytes", "Table files of the index.", index::tableBytes);
    cached.caches().forEach(metrics::watch);
  }

  private interface DiskQuestion {
    long ask() throws IOException;
  }

  private static double bytes(DiskQuestion question) {
    try {
      return question.ask();
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
