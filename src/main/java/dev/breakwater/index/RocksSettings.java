package dev.breakwater.index;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;

/**
 * How RocksDB is set up: small memory, few files, writes that survive the process but are not
 * synced. Owns native objects; to be closed after the database that uses them.
 */
final class RocksSettings implements AutoCloseable {
  /*
   * - All memtables together are capped (dbWriteBufferSize), whatever the number of families.
   * - Index and filter blocks stay outside the block cache: with many shards a filter block can be
   *   larger than a shard and is then read and checksummed anew for every get (measured 260 µs
   *   instead of 4 µs).
   * - The write buffer is also the free space RocksDB demands before it recovers from a full disk by
   *   itself, one more reason to keep it small.
   * - No error listener is registered. rocksdbjni 11.8.1 knows only half of RocksDB's error reasons;
   *   an unknown one throws inside the callback, which RocksDB then reads as "do not recover", and
   *   the database stays dead (docs/findings.md#rocksdb).
   */
  private static final long MIB = 1024L * 1024;
  private static final int BLOOM_BITS_PER_KEY = 10;
  private static final int BLOCK_CACHE_SHARD_BITS = 2;

  private final LRUCache blockCache;
  private final BloomFilter bloomFilter;
  private final ColumnFamilyOptions family;
  private final DBOptions database;

  /**
   * Allocates the native options.
   *
   * @param create whether a missing database is created rather than an error
   */
  RocksSettings(boolean create) {
    loadLibrary();
    blockCache = new LRUCache(16 * MIB, BLOCK_CACHE_SHARD_BITS);
    bloomFilter = new BloomFilter(BLOOM_BITS_PER_KEY);
    family =
        new ColumnFamilyOptions()
            .setWriteBufferSize(8 * MIB)
            .setCompressionType(CompressionType.LZ4_COMPRESSION)
            .setTableFormatConfig(
                new BlockBasedTableConfig()
                    .setBlockCache(blockCache)
                    .setCacheIndexAndFilterBlocks(false)
                    .setFilterPolicy(bloomFilter));
    database =
        new DBOptions()
            .setCreateIfMissing(create)
            // Also where the database exists: an earlier version had fewer.
            .setCreateMissingColumnFamilies(true)
            .setDbWriteBufferSize(24 * MIB)
            .setMaxTotalWalSize(32 * MIB)
            .setWalBytesPerSync(512 * 1024)
            .setMaxOpenFiles(256)
            .setMaxBackgroundJobs(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(MIB)
            .setMaxManifestFileSize(16 * MIB)
            .setStatsDumpPeriodSec(0)
            .setStatsPersistPeriodSec(0);
  }

  private static void loadLibrary() {
    try {
      RocksDB.loadLibrary();
    } catch (UnsatisfiedLinkError | RuntimeException e) {
      throw new IndexException(
          "the native library of RocksDB cannot be loaded: "
              + e.getMessage()
              + ": point -Djava.io.tmpdir at a directory that has space and permits execution",
          e);
    }
  }

  ColumnFamilyOptions family() {
    return family;
  }

  DBOptions database() {
    return database;
  }

  @Override
  public void close() {
    database.close();
    family.close();
    bloomFilter.close();
    blockCache.close();
  }
}
