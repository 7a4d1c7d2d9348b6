package dev.breakwater.gc;

import static dev.breakwater.gc.Manifests.image;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.Table;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.index.WrappedIndex;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.DiskBudget;
import dev.breakwater.testing.Eventually;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Bytes that mirrored and hosted repositories share go when neither keeps them. */
class SharedBytesTest {
  private static final ZoneName HUB = new ZoneName("docker.io");
  private static final RepositoryName NAME = new RepositoryName("app");
  private static final Tag TAG = new Tag("latest");
  private static final Duration LONG = Duration.ofDays(400);
  private static final Duration MAX_IDLE = Duration.ofDays(30);
  private static final Duration GRACE = Duration.ofHours(1);

  @TempDir Path data;
  private CacheFixture cache;
  private Sweeper sweeper;
  private Digest layer;
  private Digest other;

  /** A cache that is full with two blobs. */
  @BeforeEach
  void open() throws Exception {
    cache = new CacheFixture(data, 2 * CacheFixture.BLOCK);
    cache.host(Retentions.Hosted.of(Set.of(ZoneName.HOSTED)));
    sweeper =
        new Sweeper(
            cache.sweeperParts(),
            new Sweeper.Settings(Duration.ofHours(1), GRACE, MAX_IDLE, false),
            oldest -> {});
    layer = cache.blob(1);
    other = cache.blob(2);
    cache.used(other, 1, Duration.ZERO);
    cache.used(layer, 1, Duration.ofHours(1));
  }

  @AfterEach
  void close() throws Exception {
    cache.close();
  }

  @Test
  void mirroredContentGoesByDisuseThoughATagReachesIt() {
    Manifest image = image(layer);
    pull(image);
    tag(HUB, image);
    cache.turn(MAX_IDLE);
    sweepTwice();
    assertGone(HUB, image);
    assertThat(cache.has(layer)).isFalse();
  }

  @Test
  void bytesThatAHostedRepositoryLinksToOutliveTheMirroredImageThatSharesThem() {
    Manifest mirrored = image(layer, other);
    pull(mirrored);
    tag(ZoneName.HOSTED, push(image(layer)));
    cache.turn(MAX_IDLE);
    sweepTwice();
    sweepTwice();
    assertGone(HUB, mirrored);
    assertThat(hasLink(HUB, layer)).isFalse();
    assertThat(hasLink(ZoneName.HOSTED, layer)).isTrue();
    assertThat(cache.has(layer)).isTrue();
    assertThat(cache.has(other)).isFalse();
  }

  @Test
  void bytesOfAMirroredImageInUseOutliveTheHostedOneThatSharesThem() {
    Manifest mirrored = image(layer, other);
    pull(mirrored);
    Manifest hosted = push(image(layer));
    cache.turn(LONG);
    cache.recent.manifest(HUB, NAME, mirrored.digest(), cache.now());
    sweepTwice();
    assertGone(ZoneName.HOSTED, hosted);
    assertStays(HUB, mirrored);
    assertThat(cache.has(layer)).isTrue();
    assertThat(hasLink(HUB, layer)).isTrue();
  }

  @Test
  void evictionTakesNothingThatAHostedRepositoryLinksTo() throws Exception {
    push(image(layer));
    cache.turn(LONG);
    cache.retentions.readLinks(cache.index);
    assertThat(roomForOneBlob()).isPresent();
    assertThat(cache.has(layer)).isTrue();
    assertThat(cache.has(other)).isFalse();
  }

  @Test
  void evictionTakesNothingBeforeTheLinksOfHostedRepositoriesHaveBeenRead() throws Exception {
    try (Eviction eviction = cache.eviction()) {
      eviction.start();
      cache.turn(LONG);
      CompletableFuture<Optional<DiskBudget.Reservation>> room =
          cache.budget.whenRoom(CacheFixture.BLOCK);
      Eventually.until(
          "it has looked for room", () -> eviction.oldestAccess().compareTo(LONG) >= 0);
      assertThat(cache.has(layer) && cache.has(other)).isTrue();
      cache.retentions.readLinks(cache.index);
      assertThat(room.get(10, SECONDS)).isPresent();
    }
  }

  @Test
  void aLinkThatIsPutAfterTheyWereReadHoldsItsBytes() throws Exception {
    cache.retentions.readLinks(cache.index);
    push(image(layer));
    cache.turn(LONG);
    cache.used(other, 1, Duration.ofMinutes(10));
    assertThat(roomForOneBlob()).isPresent();
    assertThat(cache.has(layer)).as("the coldest").isTrue();
    assertThat(cache.has(other)).isFalse();
  }

  @Test
  void aLinkThatIsDeletedHoldsNothingFromTheNextReadingOn() throws Exception {
    push(image(layer));
    cache.turn(LONG);
    cache.retentions.readLinks(cache.index);
    cache.index.apply(List.of(Tables.LINKS.delete(at(ZoneName.HOSTED, layer))));
    assertThat(cache.retentions.isLinked(layer)).isTrue();
    cache.retentions.readLinks(cache.index);
    assertThat(cache.retentions.isLinked(layer)).isFalse();
    cache.used(other, 1, Duration.ZERO);
    assertThat(roomForOneBlob()).isPresent();
    assertThat(cache.has(layer)).isFalse();
  }

  @Test
  void aLinkThatIsPutWhileTheyAreReadIsNotForgotten() {
    tag(ZoneName.HOSTED, push(image(other)));
    cache.retentions.readLinks(
        new WrappedIndex(cache.index) {
          @Override
          public <K, V> void scan(Table<K, V> table, BiConsumer<K, V> visitor) {
            super.scan(table, visitor);
            push(image(layer));
          }
        });
    assertThat(cache.retentions.isLinked(layer)).isTrue();
  }

  @Test
  void whereNothingIsHostedNothingIsKept() {
    Retentions mirrored =
        new Retentions(cache.cached, cache.recent, cache.clock, Pins.NONE, Retentions.Hosted.NONE);
    pull(image(layer));
    assertThat(mirrored.isLinked(layer)).isFalse();
  }

  private Optional<DiskBudget.Reservation> roomForOneBlob() throws Exception {
    try (Eviction eviction = cache.eviction()) {
      eviction.start();
      return cache.budget.whenRoom(CacheFixture.BLOCK).get(10, SECONDS);
    }
  }

  private void sweepTwice() {
    assertThat(sweeper.sweepNow(1, false).outcome()).isEqualTo("done");
    cache.turn(GRACE);
    assertThat(sweeper.sweepNow(2, false).outcome()).isEqualTo("done");
  }

  private Manifest push(Manifest manifest) {
    EntryDeletions.finish(cache.cached.apply(Manifests.storing(ZoneName.HOSTED, NAME, manifest)));
    cache.usage.flush();
    return manifest;
  }

  /** Stored in the mirrored zone, and used now. */
  private void pull(Manifest manifest) {
    EntryDeletions.finish(cache.cached.apply(Manifests.storing(HUB, NAME, manifest)));
    cache.recent.manifest(HUB, NAME, manifest.digest(), cache.now());
    cache.usage.flush();
  }

  private void tag(ZoneName zone, Manifest manifest) {
    EntryDeletions.finish(
        cache.cached.apply(
            List.of(
                Tables.TAGS.put(
                    at(zone, TAG),
                    new TagRecord(
                        manifest.digest(), manifest.mediaType(), manifest.size(), cache.now())))));
  }

  private static <N> InRepository<N> at(ZoneName zone, N name) {
    return new InRepository<>(zone, NAME, name);
  }

  private boolean hasLink(ZoneName zone, Digest blob) {
    return cache.index.get(Tables.LINKS, at(zone, blob)).isPresent();
  }

  private void assertStays(ZoneName zone, Manifest manifest) {
    assertThat(cache.index.get(Tables.MANIFESTS, at(zone, manifest.digest()))).isPresent();
  }

  private void assertGone(ZoneName zone, Manifest manifest) {
    assertThat(cache.index.get(Tables.MANIFESTS, at(zone, manifest.digest()))).isEmpty();
  }
}
