package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The index in RocksDB. A fact that cannot be read, because the disk fails or the record is
 * damaged, counts as absent: the mirror then asks upstream, which is slower but right. A failed
 * write or a failed scan throws {@link IndexException}. Thread-safe; closed by the caller that
 * opened it.
 */
public final class RocksIndex implements Index {
  private final RocksDatabase database;
  private final IndexValues values = new IndexValues();

  RocksIndex(IndexFiles files, RocksHandle handle, WriteHealth health) {
    this.database = new RocksDatabase(files, handle, health);
  }

  /**
   * Opens the index in this directory, or creates it. A damaged one is moved aside to {@code
   * <directory>.bad.<time>} and replaced by an empty one. On a disk that takes no writes it is
   * opened for reading and {@link #writable()} is false. Blocks.
   *
   * @throws IndexException if another process has it open, or nothing can be opened at all
   */
  public static OpenedIndex open(Path directory) {
    return new IndexOpener(directory, InstantSource.system(), System::nanoTime).open();
  }

  /**
   * Opens the index in this directory to look at it, changing nothing on the disk; every write
   * fails. Empty if there is none, or its filling was cut short. Blocks.
   *
   * @throws IndexException if it cannot be read
   */
  public static Optional<RocksIndex> openForReading(Path directory) {
    return new IndexOpener(directory, InstantSource.system(), System::nanoTime).openForReading();
  }

  /** Whether the last write worked: false means a full or broken disk. Never blocks. */
  public boolean writable() {
    return database.isWritable();
  }

  /** About how many blobs are recorded; what was overwritten lately may count twice. */
  public long estimatedBlobs() {
    return database.number(open -> open.property(Family.BLOBS, "rocksdb.estimate-num-keys"));
  }

  /** About how many manifests are recorded; what was overwritten lately may count twice. */
  public long estimatedManifests() {
    return database.number(open -> open.property(Family.MANIFESTS, "rocksdb.estimate-num-keys"));
  }

  /** Bytes that RocksDB holds outside the Java heap for writes and for its tables' indexes. */
  public long memoryBytes() {
    return database.number(
        open ->
            open.property("rocksdb.cur-size-all-mem-tables")
                + open.property("rocksdb.estimate-table-readers-mem"));
  }

  /** Bytes of all table files on disk. */
  public long tableBytes() {
    return database.number(open -> open.property("rocksdb.total-sst-files-size"));
  }

  /** Gives back what deleted entries take on disk; blocks for as long as writing the rest takes. */
  public void compact() {
    database.number(
        open -> {
          open.compact();
          return 0L;
        });
  }

  /** Says that everything the store holds is in the index now; see {@link OpenedIndex#fresh}. */
  public void rebuilt() {
    database.write(List.of(new Row(Family.META, IndexKeys.REBUILT, new byte[] {1})));
  }

  boolean isRebuilt() {
    return database.get(Family.META, IndexKeys.REBUILT).isPresent();
  }

  @Override
  public Optional<TagRecord> tag(ZoneName zone, RepositoryName repository, Tag tag) {
    return database.get(Family.TAGS, IndexKeys.tag(zone, repository, tag)).flatMap(values::tag);
  }

  @Override
  public List<Tag> tags(ZoneName zone, RepositoryName repository) {
    List<Tag> tags = new ArrayList<>();
    byte[] from = IndexKeys.repository(zone, repository);
    byte[] to = IndexKeys.afterRepository(zone, repository);
    scan(
        Family.TAGS,
        from,
        to,
        entry -> IndexKeys.tag(zone, repository, entry.key()).ifPresent(tags::add));
    return tags;
  }

  @Override
  public Optional<Manifest> manifest(ZoneName zone, RepositoryName repository, Digest digest) {
    return database
        .get(Family.MANIFESTS, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(value -> values.manifest(digest, value));
  }

  @Override
  public Optional<LinkRecord> link(ZoneName zone, RepositoryName repository, Digest digest) {
    return database
        .get(Family.LINKS, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(values::link);
  }

  @Override
  public Optional<BlobRecord> blob(Digest digest) {
    return database.get(Family.BLOBS, IndexKeys.digest(digest)).flatMap(values::blob);
  }

  @Override
  public Optional<ReferrersRecord> referrers(
      ZoneName zone, RepositoryName repository, Digest subject, String artifactType) {
    return database
        .get(Family.REFERRERS, IndexKeys.referrers(zone, repository, subject, artifactType))
        .flatMap(values::referrers);
  }

  @Override
  public void forEachBlob(BiConsumer<Digest, BlobRecord> visitor) {
    scan(Family.BLOBS, new byte[0], null, entry -> visit(entry, values::blob, visitor));
  }

  @Override
  public Optional<UsageRecord> blobUsage(Digest digest) {
    return database.get(Family.USAGE, IndexKeys.digest(digest)).flatMap(values::usage);
  }

  @Override
  public Optional<UsageRecord> manifestUsage(
      ZoneName zone, RepositoryName repository, Digest digest) {
    return database
        .get(Family.USAGE, IndexKeys.inRepository(zone, repository, digest))
        .flatMap(values::usage);
  }

  /** Blobs and their usage lie in the same order, so that portions of both are joined. */
  @Override
  public void forEachUsedBlob(BlobVisitor visitor) {
    database.portions(
        Family.BLOBS,
        new byte[0],
        null,
        portion -> {
          Map<Digest, UsageRecord> usage = portion.isEmpty() ? Map.of() : usageOf(portion);
          for (RocksHandle.Entry entry : portion) {
            Optional<Digest> digest = IndexKeys.digest(entry.key());
            Optional<BlobRecord> blob = values.blob(entry.value());
            if (digest.isPresent() && blob.isPresent()) {
              visitor.visit(digest.get(), blob.get(), Optional.ofNullable(usage.get(digest.get())));
            }
          }
        });
  }

  private Map<Digest, UsageRecord> usageOf(List<RocksHandle.Entry> blobs) {
    Map<Digest, UsageRecord> usage = new HashMap<>();
    scan(
        Family.USAGE,
        blobs.getFirst().key(),
        IndexKeys.after(blobs.getLast().key()),
        entry -> visit(entry, values::usage, usage::put));
    return usage;
  }

  @Override
  public void forEachBlobUsage(BiConsumer<Digest, UsageRecord> visitor) {
    // Manifests' usage lies behind, under the names of zones.
    scan(
        Family.USAGE,
        new byte[0],
        IndexKeys.AFTER_DIGESTS,
        entry -> visit(entry, values::usage, visitor));
  }

  /** One entry under a digest; passed over if its key or its value is damaged. */
  private static <R> void visit(
      RocksHandle.Entry entry,
      Function<byte[], Optional<R>> decode,
      BiConsumer<Digest, R> visitor) {
    IndexKeys.digest(entry.key())
        .ifPresent(
            digest ->
                decode.apply(entry.value()).ifPresent(record -> visitor.accept(digest, record)));
  }

  @Override
  public void forEachManifest(Visitor<Digest, Manifest> visitor) {
    walk(Family.MANIFESTS, IndexKeys::onlyDigest, values::manifest, visitor);
  }

  @Override
  public void forEachLink(Visitor<Digest, LinkRecord> visitor) {
    walk(Family.LINKS, IndexKeys::onlyDigest, (digest, value) -> values.link(value), visitor);
  }

  @Override
  public void forEachTag(Visitor<Tag, TagRecord> visitor) {
    walk(Family.TAGS, IndexKeys::onlyTag, (tag, value) -> values.tag(value), visitor);
  }

  @Override
  public void forEachReferrers(Visitor<Subject, ReferrersRecord> visitor) {
    walk(
        Family.REFERRERS, IndexKeys::subject, (subject, value) -> values.referrers(value), visitor);
  }

  /** All that repositories have in this family, but for what is damaged. */
  private <N, R> void walk(
      Family family,
      Function<ByteBuffer, Optional<N>> name,
      BiFunction<N, byte[], Optional<R>> decode,
      Visitor<N, R> visitor) {
    scan(
        family,
        new byte[0],
        null,
        entry ->
            IndexKeys.place(entry.key())
                .ifPresent(place -> visit(place, entry.value(), name, decode, visitor)));
  }

  private static <N, R> void visit(
      IndexKeys.Place place,
      byte[] value,
      Function<ByteBuffer, Optional<N>> name,
      BiFunction<N, byte[], Optional<R>> decode,
      Visitor<N, R> visitor) {
    name.apply(place.rest())
        .ifPresent(
            found ->
                decode
                    .apply(found, value)
                    .ifPresent(
                        record -> visitor.visit(place.zone(), place.repository(), found, record)));
  }

  @Override
  public void apply(List<IndexChange> changes) {
    if (!changes.isEmpty()) {
      database.write(changes.stream().map(Row::of).toList());
    }
  }

  private void scan(
      Family family, byte[] from, byte @Nullable [] to, Consumer<RocksHandle.Entry> visitor) {
    database.portions(family, from, to, portion -> portion.forEach(visitor));
  }

  @Override
  public void close() {
    database.close();
  }
}
