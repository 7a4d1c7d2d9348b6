package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A slow reader never brings an old fact back; see the comment in {@link FactCache}. */
class CachedIndexRaceTest {
  private final Vertx vertx = Vertx.vertx();

  @AfterEach
  void close() {
    vertx.close().await();
  }

  /** Stops the first reader of a tag after it has read and before it can tell. */
  private static final class StoppedIndex extends WrappedIndex {
    final CountDownLatch hasRead = new CountDownLatch(1);
    final CountDownLatch mayGoOn = new CountDownLatch(1);
    private final AtomicBoolean first = new AtomicBoolean(true);

    StoppedIndex() {
      super(new MemoryIndex());
    }

    @Override
    public <K, V> Optional<V> get(Table<K, V> table, K key) {
      Optional<V> read = super.get(table, key);
      if (first.getAndSet(false)) {
        hasRead.countDown();
        try {
          mayGoOn.await();
        } catch (InterruptedException e) {
          throw new IllegalStateException(e);
        }
      }
      return read;
    }
  }

  @Test
  void whatWasReadBeforeAChangeIsNotPutInAfterIt() throws Exception {
    StoppedIndex index = new StoppedIndex();
    CachedIndex cached = new CachedIndex(vertx, index, 3);
    index.apply(put(1));

    Future<Optional<TagRecord>> slow =
        cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST));
    index.hasRead.await();
    cached.apply(put(2)).await();
    index.mayGoOn.countDown();

    assertThat(slow.await()).as("it asked before the change").contains(Samples.tag(1));
    assertThat(Remembered.in(cached, "tags")).isEmpty();
    assertThat(cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST)).await())
        .contains(Samples.tag(2));
    assertThat(Remembered.in(cached, "tags")).containsExactly(Samples.tag(2));
    cached.close().await();
  }

  @Test
  void whatWasReadBeforeItWasDeletedDoesNotComeBack() throws Exception {
    StoppedIndex index = new StoppedIndex();
    CachedIndex cached = new CachedIndex(vertx, index, 3);
    index.apply(put(1));

    Future<Optional<TagRecord>> slow =
        cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST));
    index.hasRead.await();
    cached.apply(List.of(Tables.TAGS.delete(new InRepository<>(ZONE, REPOSITORY, LATEST)))).await();
    index.mayGoOn.countDown();

    slow.await();
    assertThat(Remembered.in(cached, "tags")).isEmpty();
    assertThat(cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST)).await())
        .isEmpty();
    cached.close().await();
  }

  @Test
  void aSlowReaderDoesNotTakeTheNewFactOutEither() throws Exception {
    StoppedIndex index = new StoppedIndex();
    CachedIndex cached = new CachedIndex(vertx, index, 3);
    index.apply(put(1));

    Future<Optional<TagRecord>> slow =
        cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST));
    index.hasRead.await();
    cached.apply(put(2)).await();
    assertThat(cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST)).await())
        .contains(Samples.tag(2));
    index.mayGoOn.countDown();

    slow.await();
    assertThat(Remembered.in(cached, "tags")).containsExactly(Samples.tag(2));
    cached.close().await();
  }

  @Test
  void readersNeverSeeAnythingOlderThanWhatWasAppliedBeforeTheyAsked() throws Exception {
    CachedIndex cached = new CachedIndex(vertx, new MemoryIndex(), 4);
    cached.apply(put(0)).await();
    int versions = 2000;
    AtomicLong applied = new AtomicLong();
    try (ExecutorService readers = Executors.newFixedThreadPool(3)) {
      List<java.util.concurrent.Future<Long>> reading = new ArrayList<>();
      for (int r = 0; r < 3; r++) {
        reading.add(
            readers.submit(
                () -> {
                  long reads = 0;
                  while (applied.get() < versions) {
                    long floor = applied.get();
                    long seen =
                        cached
                            .get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))
                            .await()
                            .orElseThrow()
                            .size();
                    assertThat(seen).isGreaterThanOrEqualTo(floor);
                    reads++;
                  }
                  return reads;
                }));
      }
      for (int version = 1; version <= versions; version++) {
        cached.apply(put(version)).await();
        applied.set(version);
      }
      for (java.util.concurrent.Future<Long> reader : reading) {
        assertThat(reader.get()).isNotNegative();
      }
    }
    cached.close().await();
  }

  private static List<Change> put(int number) {
    return List.of(
        Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(number)));
  }
}
