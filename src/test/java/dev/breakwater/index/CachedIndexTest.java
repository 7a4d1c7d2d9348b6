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
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CachedIndexTest {
  private static final Digest DIGEST = Samples.digest(1);
  private static final Manifest MANIFEST = Samples.manifest(1);
  private static final List<IndexChange> EVERYTHING =
      List.of(
          new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(1)),
          new IndexChange.PutManifest(ZONE, REPOSITORY, MANIFEST),
          new IndexChange.PutLink(ZONE, REPOSITORY, DIGEST, Samples.link(1)),
          new IndexChange.PutBlob(DIGEST, Samples.blob(1)),
          new IndexChange.PutReferrers(ZONE, REPOSITORY, DIGEST, "", Samples.referrers(1)));

  private final Vertx vertx = Vertx.vertx();
  private WrappedIndex index;
  private CachedIndex cached;

  @BeforeEach
  void open() {
    index = new WrappedIndex(new MemoryIndex());
    cached = new CachedIndex(vertx, index, CacheLimits.DEFAULT, 4);
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
                new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(2)),
                new IndexChange.PutManifest(ZONE, REPOSITORY, retyped),
                new IndexChange.PutLink(ZONE, REPOSITORY, DIGEST, Samples.link(2)),
                new IndexChange.PutBlob(DIGEST, Samples.blob(2)),
                new IndexChange.PutReferrers(ZONE, REPOSITORY, DIGEST, "", Samples.referrers(2)))));
    assertThat(await(cached.tag(ZONE, REPOSITORY, LATEST))).contains(Samples.tag(2));
    assertThat(await(cached.manifest(ZONE, REPOSITORY, MANIFEST.digest()))).contains(retyped);
    assertThat(await(cached.link(ZONE, REPOSITORY, DIGEST))).contains(Samples.link(2));
    assertThat(await(cached.blob(DIGEST))).contains(Samples.blob(2));
    assertThat(await(cached.referrers(ZONE, REPOSITORY, DIGEST, "")).orElseThrow().checkedAt())
        .isEqualTo(2);
    assertThat(await(cached.tags(ZONE, REPOSITORY))).containsExactly(LATEST);
  }

  @Test
  void deletedFactsAreGoneAtOnce() {
    await(cached.apply(EVERYTHING));
    reads().forEach(read -> await(read.get()));
    await(
        cached.apply(
            List.of(
                new IndexChange.DeleteTag(ZONE, REPOSITORY, LATEST),
                new IndexChange.DeleteManifest(ZONE, REPOSITORY, MANIFEST.digest()),
                new IndexChange.DeleteLink(ZONE, REPOSITORY, DIGEST),
                new IndexChange.DeleteBlob(DIGEST))));
    for (String kind : List.of("tags", "manifests", "links", "blobs")) {
      assertThat(Remembered.in(cached, kind)).as(kind).isEmpty();
    }
    assertThat(await(cached.tag(ZONE, REPOSITORY, LATEST))).isEmpty();
    assertThat(await(cached.manifest(ZONE, REPOSITORY, MANIFEST.digest()))).isEmpty();
    assertThat(await(cached.link(ZONE, REPOSITORY, DIGEST))).isEmpty();
    assertThat(await(cached.blob(DIGEST))).isEmpty();
    assertThat(await(cached.tags(ZONE, REPOSITORY))).isEmpty();
  }

  @Test
  void aCachedLinkOfOneRepositoryOrZoneIsNoneOfAnother() {
    await(cached.apply(EVERYTHING));
    reads().forEach(read -> await(read.get()));
    for (ZoneName zone : Samples.ZONES) {
      for (RepositoryName repository : Samples.REPOSITORIES) {
        boolean own = zone.equals(ZONE) && repository.equals(REPOSITORY);
        assertThat(await(cached.link(zone, repository, DIGEST)).isPresent()).isEqualTo(own);
        assertThat(await(cached.tag(zone, repository, LATEST)).isPresent()).isEqualTo(own);
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
              public void apply(List<IndexChange> changes) {
                throw new IndexException("disk full");
              }
            },
            CacheLimits.DEFAULT,
            1);
    assertThat(await(failing.tag(ZONE, REPOSITORY, LATEST))).contains(Samples.tag(1));
    assertThatThrownBy(
            () ->
                await(
                    failing.apply(
                        List.of(new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(2))))))
        .isInstanceOf(IndexException.class)
        .hasMessage("disk full");
    assertThat(await(failing.tag(ZONE, REPOSITORY, LATEST))).contains(Samples.tag(1));
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
              public Optional<BlobRecord> blob(Digest digest) {
                if (fault[0] != null) {
                  throw fault[0];
                }
                return super.blob(digest);
              }
            },
            CacheLimits.DEFAULT,
            1);
    assertThatThrownBy(() -> await(failing.blob(DIGEST))).hasMessage("broken");
    fault[0] = null;
    assertThat(await(failing.blob(DIGEST))).contains(Samples.blob(1));
  }

  @Test
  void aListThatChangesAfterTheCallDoesNotChangeTheBatch() {
    List<IndexChange> changes = new ArrayList<>(EVERYTHING);
    Future<Void> applied = cached.apply(changes);
    changes.clear();
    await(applied);
    assertThat(await(cached.blob(DIGEST))).isPresent();
  }

  @Test
  void aManifestAboveTheLimitIsReadEveryTime() {
    byte[] bytes = new byte[CacheLimits.DEFAULT.largestEntry() + 1];
    Manifest large = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
    await(cached.apply(List.of(new IndexChange.PutManifest(ZONE, REPOSITORY, large))));
    for (int i = 0; i < 2; i++) {
      int calls = index.calls.get();
      assertThat(await(cached.manifest(ZONE, REPOSITORY, large.digest()))).contains(large);
      assertThat(index.calls).hasValue(calls + 1);
      assertThat(Remembered.in(cached, "manifests")).isEmpty();
    }
  }

  @Test
  void memoryForManifestsIsBounded() {
    CacheLimits limits = new CacheLimits(10, 10, 10, 100_000, 100_000, 10_000);
    CachedIndex small = new CachedIndex(vertx, index, limits, 1);
    for (int i = 0; i < 50; i++) {
      byte[] bytes = new byte[9_000];
      bytes[0] = (byte) i;
      Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_INDEX, bytes);
      await(small.apply(List.of(new IndexChange.PutManifest(ZONE, REPOSITORY, manifest))));
      assertThat(await(small.manifest(ZONE, REPOSITORY, manifest.digest()))).isPresent();
    }
    // Caffeine evicts on this pool.
    assertThat(ForkJoinPool.commonPool().awaitQuiescence(10, TimeUnit.SECONDS)).isTrue();
    assertThat(Remembered.in(small, "manifests")).hasSizeLessThanOrEqualTo(100_000 / 9_000);
  }

  @Test
  void aMissIsCompletedOnTheCallersContext() {
    index.apply(EVERYTHING);
    for (Supplier<Future<?>> read : reads()) {
      assertThat(await(completesOnTheCallersContext(read))).isTrue();
    }
    assertThat(await(completesOnTheCallersContext(() -> cached.apply(EVERYTHING)))).isTrue();
    assertThat(await(completesOnTheCallersContext(() -> cached.tags(ZONE, REPOSITORY)))).isTrue();
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
    CachedIndex closing = new CachedIndex(vertx, inner, CacheLimits.DEFAULT, 1);
    await(closing.close());
    await(closing.close());
    assertThatThrownBy(() -> inner.blob(DIGEST)).hasMessageContaining("closed");
    assertThatThrownBy(() -> await(closing.blob(DIGEST))).isInstanceOf(IndexException.class);
    assertThatThrownBy(() -> await(closing.apply(EVERYTHING))).isInstanceOf(IndexException.class);
  }

  @Test
  void aNegativeLimitIsRefused() {
    assertThatThrownBy(() -> new CacheLimits(1, 1, 1, -1, 1, 1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private List<Supplier<Future<?>>> reads() {
    Tag tag = LATEST;
    return List.of(
        () -> cached.tag(ZONE, REPOSITORY, tag),
        () -> cached.manifest(ZONE, REPOSITORY, MANIFEST.digest()),
        () -> cached.link(ZONE, REPOSITORY, DIGEST),
        () -> cached.blob(DIGEST),
        () -> cached.referrers(ZONE, REPOSITORY, DIGEST, ""));
  }

  private static <T> T await(Future<T> future) {
    return future.await();
  }
}
