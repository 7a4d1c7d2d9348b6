package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.IndexException;
import dev.breakwater.index.RecentUse;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.metrics.BackgroundMeters;
import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes down from time to time what was used, so that it survives a restart; on a thread of its
 * own. Closed before the index.
 */
public final class UsageWriter implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(UsageWriter.class);
  private static final int BATCH = 500;
  private static final int MOST_IN_MEMORY = 50_000;
  private static final long TICK_MILLIS = 1000;
  private static final Duration LONGEST_PAUSE = Duration.ofMinutes(1);

  /** No image is an index of indexes of indexes. */
  private static final int MAX_DEPTH = 3;

  private final RecentUse recent;
  private final Index index;
  private final UsageScore score;
  private final Settings settings;
  private final BackgroundThread thread;
  private final Object flushing = new Object();

  /**
   * How often it writes.
   *
   * @param every how much use a crash may forget
   * @param spread how often the use of a manifest is passed on to what it names
   */
  public record Settings(Duration every, Duration spread) {
    /** Of normal operation. */
    public static final Settings DEFAULT =
        new Settings(Duration.ofSeconds(30), Duration.ofMinutes(10));
  }

  /** Writes nothing before {@link #start}, {@link #flush} or {@link #close}. */
  public UsageWriter(
      RecentUse recent, Index index, UsageScore score, Settings settings, BackgroundMeters meters) {
    this.recent = recent;
    this.index = index;
    this.score = score;
    this.settings = settings;
    this.thread = new BackgroundThread("usage", LONGEST_PAUSE, meters, this::run);
  }

  /** Begins to write regularly. */
  public void start() {
    thread.start();
  }

  private void run() throws InterruptedException {
    long last = System.nanoTime();
    while (true) {
      Thread.sleep(Math.min(TICK_MILLIS, Math.max(1, settings.every().toMillis())));
      boolean due = System.nanoTime() - last >= settings.every().toNanos();
      if (due || recent.size() > MOST_IN_MEMORY) {
        last = System.nanoTime();
        writeRecent();
        thread.succeeded();
      }
    }
  }

  /** Writes down everything now; blocking, from any thread. An index that refuses loses it. */
  public void flush() {
    try {
      writeRecent();
    } catch (IndexException e) {
      log.warn("recent usage cannot be saved to the index: {}", e.getMessage());
    }
  }

  private void writeRecent() {
    synchronized (flushing) {
      RecentUse.Noted noted = recent.take();
      try {
        write(noted);
      } finally {
        recent.written();
      }
    }
  }

  private void write(RecentUse.Noted noted) {
    Map<Digest, Long> blobs = new HashMap<>(noted.blobs());
    List<Change> batch = new ArrayList<>();
    for (Map.Entry<InRepository<Digest>, Long> manifest : noted.manifests().entrySet()) {
      use(manifest.getKey(), manifest.getValue(), 0, blobs, batch);
      applyIfFull(batch);
    }
    for (Map.Entry<Digest, Long> blob : blobs.entrySet()) {
      UsageRecord used = score.used(index.get(Tables.BLOB_USAGE, blob.getKey()), blob.getValue());
      batch.add(Tables.BLOB_USAGE.put(blob.getKey(), used));
      applyIfFull(batch);
    }
    index.apply(List.copyOf(batch));
  }

  private void applyIfFull(List<Change> batch) {
    if (batch.size() >= BATCH) {
      index.apply(List.copyOf(batch));
      batch.clear();
    }
  }

  /** The manifest, and now and then what it names: children that are here, and blobs. */
  private void use(
      InRepository<Digest> name, long at, int depth, Map<Digest, Long> blobs, List<Change> batch) {
    Optional<UsageRecord> before = index.get(Tables.MANIFEST_USAGE, name);
    boolean isDue =
        before.map(usage -> at - usage.lastUse() >= settings.spread().toMillis()).orElse(true);
    if (!isDue) {
      return;
    }
    batch.add(Tables.MANIFEST_USAGE.put(name, score.used(before, at)));
    Optional<ManifestDocument> document = documentOf(name);
    if (document.isEmpty()) {
      return;
    }
    document.get().blobs().forEach(blob -> blobs.putIfAbsent(blob.digest(), at));
    if (depth < MAX_DEPTH) {
      for (Descriptor child : document.get().manifests()) {
        InRepository<Digest> named =
            new InRepository<>(name.zone(), name.repository(), child.digest());
        if (index.get(Tables.MANIFESTS, named).isPresent()) {
          use(named, at, depth + 1, blobs, batch);
        }
      }
    }
  }

  private Optional<ManifestDocument> documentOf(InRepository<Digest> name) {
    Optional<Manifest> manifest = index.get(Tables.MANIFESTS, name);
    try {
      return manifest.map(found -> ManifestDocument.parse(found.mediaType(), found.bytes()));
    } catch (RegistryException e) {
      log.debug("what {} names is not told: {}", name.name(), e.getMessage());
      return Optional.empty();
    }
  }

  /** Writes down the rest and stops; to be called before the index is closed. */
  @Override
  public void close() {
    thread.stop();
    flush();
  }
}
