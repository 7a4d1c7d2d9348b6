package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CachedIndexTest {
  private static final Digest DIGEST = Samples.digest(1);
  private static final Manifest MANIFEST = Samples.manifest(1);
  private static final List<Change> EVERYTHING =
      List.of(
          Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(1)),
          Tables.MANIFESTS.put(new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest()), MANIFEST),
          Tables.LINKS.put(new InRepository<>(ZONE, REPOSITORY, DIGEST), Samples.link(1)),
          Tables.BLOBS.put(DIGEST, Samples.blob(1)),
          Tables.REFERRERS.put(
              new InRepository<>(ZONE, REPOSITORY, new Subject(DIGEST, "")), Samples.referrers(1)));

  private final Vertx vertx = Vertx.vertx();
  private WrappedIndex index;
  private CachedIndex cached;

  @BeforeEach
  void open() {
    index = new WrappedIndex(new MemoryIndex());
    cached = new CachedIndex(vertx, index, 4);
  }

  @AfterEach
  void close() {
    await(cached.close());
    await(vertx.close());
  }

  @Test
  void aHitMakesNoCallToTheIndexAndIsCompletedAtOnce() {
    index.apply(EVERYTHING);
    for (Supplier<Future<?>> read : reads()) {
      Object loaded = await(read.get());
      int calls = index.calls.get();
      Future<?> hit = read.get();
      assertThat(hit.isComplete()).isTrue();
      assertThat(hit.result()).isEqualTo(loaded);
      assertThat(index.calls).hasValue(calls);
    }
  }

  @Test
  void whatIsDeletedForOneReasonIsAskedAboutOnceAndWhatWasPutSinceStays() {
    InRepository<Digest> key = new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest());
    Change manifest = Tables.MANIFESTS.put(key, MANIFEST);
    index.apply(List.of(manifest, Tables.MANIFEST_USAGE.put(key, Samples.usage(1))));
    AtomicInteger asked = new AtomicInteger();
    try (CachedIndex.Generation generation = cached.openGeneration()) {
      await(cached.apply(List.of(manifest)));
      await(
          generation.delete(
              List.of(
                  new CachedIndex.Deletion(
                      List.of(Tables.MANIFEST_USAGE.delete(key), Tables.MANIFESTS.delete(key)),
                      () -> asked.incrementAndGet() == 1),
                  new CachedIndex.Deletion(
                      List.of(Tables.MANIFESTS.delete(key)), () -> asked.incrementAndGet() == 1))));
    }
    assertThat(asked).as("what was put since is not asked about").hasValue(1);
    assertThat(index.get(Tables.MANIFESTS, key)).contains(MANIFEST);
    assertThat(index.get(Tables.MANIFEST_USAGE, key)).isEmpty();
  }

  @Test
  void absenceIsNotRemembered() {
    for (Supplier<Future<?>> read : reads()) {
      assertThat(await(read.get())).isEqualTo(Optional.empty());
    }
    index.apply(EVERYTHING);
    for (Supplier<Future<?>> read : reads()) {
      assertThat(await(read.get())).isNotEqualTo(Optional.empty());
    }
  }

  @Test
  void appliedChangesShowAtOnceInEveryKindOfFact() {
    await(cached.apply(EVERYTHING));
    reads().forEach(read -> await(read.get()));
    Manifest retyped = new Manifest(MANIFEST.digest(), MediaType.OCI_INDEX, MANIFEST.bytes());
    await(
        cached.apply(
            List.of(
                Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(2)),
                Tables.MANIFESTS.put(
                    new InRepository<>(ZONE, REPOSITORY, retyped.digest()), retyped),
                Tables.LINKS.put(new InRepository<>(ZONE, REPOSITORY, DIGEST), Samples.link(2)),
                Tables.BLOBS.put(DIGEST, Samples.blob(2)),
                Tables.REFERRERS.put(
                    new InRepository<>(ZONE, REPOSITORY, new Subject(DIGEST, "")),
                    Samples.referrers(2)))));
    assertThat(await(cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))))
        .contains(Samples.tag(2));
    assertThat(
            await(
                cached.get(
                    Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest()))))
        .contains(retyped);
    assertThat(await(cached.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, DIGEST))))
        .contains(Samples.link(2));
    assertThat(await(cached.get(Tables.BLOBS, DIGEST))).contains(Samples.blob(2));
    assertThat(
            await(
                    cached.get(
                        Tables.REFERRERS,
                        new InRepository<>(ZONE, REPOSITORY, new Subject(DIGEST, ""))))
                .orElseThrow()
                .checkedAt())
        .isEqualTo(2);
    assertThat(await(cached.names(Tables.TAGS, ZONE, REPOSITORY))).containsExactly(LATEST);
  }

  @Test
  void deletedFactsAreGoneAtOnce() {
    await(cached.apply(EVERYTHING));
    reads().forEach(read -> await(read.get()));
    await(
        cached.apply(
            List.of(
                Tables.TAGS.delete(new InRepository<>(ZONE, REPOSITORY, LATEST)),
                Tables.MANIFESTS.delete(new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest())),
                Tables.LINKS.delete(new InRepository<>(ZONE, REPOSITORY, DIGEST)),
                Tables.BLOBS.delete(DIGEST))));
    for (String kind : List.of("tags", "manifests", "links", "blobs")) {
      assertThat(Remembered.in(cached, kind)).as(kind).isEmpty();
    }
    assertThat(await(cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))))
        .isEmpty();
    assertThat(
            await(
                cached.get(
                    Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest()))))
        .isEmpty();
    assertThat(await(cached.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, DIGEST))))
        .isEmpty();
    assertThat(await(cached.get(Tables.BLOBS, DIGEST))).isEmpty();
    assertThat(await(cached.names(Tables.TAGS, ZONE, REPOSITORY))).isEmpty();
  }

  @Test
  void aCachedLinkOfOneRepositoryOrZoneIsNoneOfAnother() {
    await(cached.apply(EVERYTHING));
    reads().forEach(read -> await(read.get()));
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        boolean own = zone.equals(ZONE) && repository.equals(REPOSITORY);
        assertThat(
                await(cached.get(Tables.LINKS, new InRepository<>(zone, repository, DIGEST)))
                    .isPresent())
            .isEqualTo(own);
        assertThat(
                await(cached.get(Tables.TAGS, new InRepository<>(zone, repository, LATEST)))
                    .isPresent())
            .isEqualTo(own);
      }
    }
  }

  @Test
  void aFailedWriteIsToldAndTheOldFactStays() {
    index.apply(EVERYTHING);
    CachedIndex failing =
        new CachedIndex(
            vertx,
            new WrappedIndex(index) {
              @Override
              public void apply(List<Change> changes) {
                throw new IndexException("disk full");
              }
            },
            1);
    assertThat(await(failing.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))))
        .contains(Samples.tag(1));
    assertThatThrownBy(
            () ->
                await(
                    failing.apply(
                        List.of(
                            Tables.TAGS.put(
                                new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(2))))))
        .isInstanceOf(IndexException.class)
        .hasMessage("disk full");
    assertThat(await(failing.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))))
        .contains(Samples.tag(1));
  }

  @Test
  void aFailedReadIsToldAndNotRemembered() {
    IndexException[] fault = {new IndexException("broken")};
    index.apply(EVERYTHING);
    CachedIndex failing =
        new CachedIndex(
            vertx,
            new WrappedIndex(index) {
              @Override
              public <K, V> Optional<V> get(Table<K, V> table, K key) {
                if (fault[0] != null) {
                  throw fault[0];
                }
                return super.get(table, key);
              }
            },
            1);
    assertThatThrownBy(() -> await(failing.get(Tables.BLOBS, DIGEST))).hasMessage("broken");
    fault[0] = null;
    assertThat(await(failing.get(Tables.BLOBS, DIGEST))).contains(Samples.blob(1));
  }

  @Test
  void aListThatChangesAfterTheCallDoesNotChangeTheBatch() {
    List<Change> changes = new ArrayList<>(EVERYTHING);
    Future<Void> applied = cached.apply(changes);
    changes.clear();
    await(applied);
    assertThat(await(cached.get(Tables.BLOBS, DIGEST))).isPresent();
  }

  @Test
  void aManifestAboveTheLimitIsReadEveryTime() {
    byte[] bytes = new byte[Table.Caching.LONGEST + 1];
    Manifest large = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
    await(
        cached.apply(
            List.of(
                Tables.MANIFESTS.put(
                    new InRepository<>(ZONE, REPOSITORY, large.digest()), large))));
    for (int i = 0; i < 2; i++) {
      int calls = index.calls.get();
      assertThat(
              await(
                  cached.get(
                      Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, large.digest()))))
          .contains(large);
      assertThat(index.calls).hasValue(calls + 1);
      assertThat(Remembered.in(cached, "manifests")).isEmpty();
    }
  }

  @Test
  void memoryForManifestsIsBounded() {
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[1_000_000];
      bytes[0] = (byte) i;
      Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
      await(
          cached.apply(
              List.of(
                  Tables.MANIFESTS.put(
                      new InRepository<>(ZONE, REPOSITORY, manifest.digest()), manifest))));
      assertThat(
              await(
                  cached.get(
                      Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, manifest.digest()))))
          .isPresent();
    }
    // Caffeine evicts on this pool.
    assertThat(ForkJoinPool.commonPool().awaitQuiescence(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Remembered.in(cached, "manifests")).hasSizeBetween(1, (32 << 20) / 1_000_000);
  }

  @Test
  void aMissIsCompletedOnTheCallersContext() {
    index.apply(EVERYTHING);
    for (Supplier<Future<?>> read : reads()) {
      assertThat(await(completesOnTheCallersContext(read))).isTrue();
    }
    assertThat(await(completesOnTheCallersContext(() -> cached.apply(EVERYTHING)))).isTrue();
    assertThat(
            await(completesOnTheCallersContext(() -> cached.names(Tables.TAGS, ZONE, REPOSITORY))))
        .isTrue();
  }

  private Future<Boolean> completesOnTheCallersContext(Supplier<Future<?>> call) {
    Promise<Boolean> home = Promise.promise();
    Context caller = vertx.getOrCreateContext();
    caller.runOnContext(
        ignored ->
            call.get()
                .onComplete(
                    result ->
                        home.complete(
                            caller.equals(Vertx.currentContext())
                                && Context.isOnEventLoopThread())));
    return home.future();
  }

  @Test
  void closingClosesTheIndexOnceAndLaterCallsFail() {
    MemoryIndex inner = new MemoryIndex();
    CachedIndex closing = new CachedIndex(vertx, inner, 1);
    await(closing.close());
    await(closing.close());
    assertThatThrownBy(() -> inner.get(Tables.BLOBS, DIGEST)).hasMessageContaining("closed");
    assertThatThrownBy(() -> await(closing.get(Tables.BLOBS, DIGEST)))
        .isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> await(closing.apply(EVERYTHING))).isInstanceOf(IndexException.class);
  }

  @Test
  void aTableThatIsNotCachedIsReadEveryTime() {
    await(cached.apply(List.of(Tables.BLOB_USAGE.put(DIGEST, Samples.usage(1)))));
    for (int i = 0; i < 2; i++) {
      int calls = index.calls.get();
      assertThat(await(cached.get(Tables.BLOB_USAGE, DIGEST))).contains(Samples.usage(1));
      assertThat(index.calls).hasValue(calls + 1);
    }
    assertThat(cached.caches())
        .containsOnlyKeys("tags", "manifests", "links", "blobs", "referrers");
  }

  private List<Supplier<Future<?>>> reads() {
    Tag tag = LATEST;
    return List.of(
        () -> cached.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, tag)),
        () -> cached.get(Tables.MANIFESTS, new InRepository<>(ZONE, REPOSITORY, MANIFEST.digest())),
        () -> cached.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, DIGEST)),
        () -> cached.get(Tables.BLOBS, DIGEST),
        () ->
            cached.get(
                Tables.REFERRERS, new InRepository<>(ZONE, REPOSITORY, new Subject(DIGEST, ""))));
  }

  private static <T> T await(Future<T> future) {
    return future.await();
  }
}
