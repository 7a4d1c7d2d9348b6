package dev.breakwater.mirror.download;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RangeRequest;
import dev.breakwater.registry.Region;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DownloadFollowersTest {
  private static final int SIZE = 1000;
  private static final long HOLD_BACK = 32;
  private final RuntimeException wrong = new IllegalStateException("wrong digest");

  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("test", List.of());
  private BlobStore store;
  private PartFile part;
  private GrowingBlob bytes;
  private DownloadFollowers followers;

  @BeforeEach
  void start() throws Exception {
    store = BlobStore.open(vertx, new StorageLayout(data));
    part = store.parts().open(Digest.ofSha256(new byte[SIZE])).orElseThrow();
    bytes = new GrowingBlob(part.file().channel(), part.present(), new DownloadMemory(1 << 20));
    followers =
        new DownloadFollowers(vertx, bytes, part.file(), () -> (long) SIZE, HOLD_BACK, metrics);
  }

  @AfterEach
  void stop() throws Exception {
    part.close();
    store.close();
    metrics.close();
    vertx.close().await(10, SECONDS);
  }

  /** None of these followers asks its download for anything. */
  @SuppressWarnings("NullAway")
  private Follower join(String range) {
    return followers.join(null, Optional.ofNullable(range).flatMap(RangeRequest::parse)).get();
  }

  private void arrive(int from, int to) {
    bytes.add(from, Buffer.buffer(new byte[to - from]));
    followers.wake();
  }

  private Future<Region> next(Follower follower, int from) {
    return followers.next(follower, from, SIZE);
  }

  private static long length(Future<Region> region) throws Exception {
    return region.await(10, SECONDS).length();
  }

  @Test
  void theEndOfAWholeAnswerWaitsForTheProof() throws Exception {
    Follower whole = join(null);
    arrive(0, SIZE);
    assertThat(length(next(whole, 0))).isEqualTo(SIZE - HOLD_BACK);
    Future<Region> tail = next(whole, (int) (SIZE - HOLD_BACK));
    assertThat(tail.isComplete()).isFalse();
    followers.proven();
    assertThat(length(tail)).isEqualTo(HOLD_BACK);
  }

  @Test
  void aPartIsSentToItsEnd() throws Exception {
    Follower part = join("bytes=900-999");
    arrive(900, SIZE);
    assertThat(length(next(part, 900))).isEqualTo(100);
  }

  @Test
  void whoWaitsIsToldOfNewBytesAndOfTheFailure() throws Exception {
    Follower one = join(null);
    Follower other = join(null);
    Future<Region> first = next(one, 0);
    Future<Region> far = next(other, 500);
    arrive(0, 10);
    assertThat(length(first)).isEqualTo(10);
    assertThat(far.isComplete()).isFalse();
    followers.fail(wrong);
    assertThatThrownBy(() -> length(far)).isSameAs(wrong);
  }

  @Test
  void afterAFailureNothingIsSentThoughBytesAreHere() {
    Follower follower = join(null);
    arrive(0, 500);
    followers.fail(wrong);
    assertThatThrownBy(() -> length(next(follower, 0))).isSameAs(wrong);
    assertThat(followers.join(downloadWithoutClient(), Optional.empty())).isEmpty();
  }

  @SuppressWarnings("NullAway")
  private static Download downloadWithoutClient() {
    return null;
  }

  @Test
  void whoTookNothingYetGoesOnWithTheSecondAttempt() throws Exception {
    Follower took = join(null);
    Follower tookNothing = join(null);
    arrive(0, 100);
    length(next(took, 0));
    bytes.clear();
    followers.beginAgain(wrong);
    assertThatThrownBy(() -> length(next(took, 100))).isSameAs(wrong);
    Future<Region> again = next(tookNothing, 0);
    arrive(0, 50);
    assertThat(length(again)).isEqualTo(50);
  }

  @Test
  void whoLeavesIsForgottenAndTheLastOneLeavesThemEmpty() {
    Follower one = join(null);
    Follower other = join(null);
    Future<Region> waits = next(one, 0);
    followers.leave(one);
    arrive(0, 10);
    assertThat(waits.isComplete()).isFalse();
    assertThat(followers.closeIfEmpty()).isFalse();
    assertThat(followers.count()).isEqualTo(1);
    followers.leave(other);
    assertThat(followers.closeIfEmpty()).isTrue();
    assertThat(followers.join(downloadWithoutClient(), Optional.empty())).isEmpty();
  }

  @Test
  void onlyWhoIsFarBehindWhileOthersWaitIsLeftBehind() throws Exception {
    Follower slow = join(null);
    Follower fast = join(null);
    Follower middling = join(null);
    arrive(0, 500);
    middling.moveTo(400);
    assertThat(followers.dropSlowReaders(300)).as("no reader waits").isZero();

    Future<Region> waits = next(fast, 500);
    assertThat(followers.dropSlowReaders(300)).isEqualTo(1);
    assertThatThrownBy(() -> length(next(slow, 0))).hasMessageContaining("held up the others");
    assertThat(followers.count()).isEqualTo(2);
    assertThat(length(next(middling, 400))).isEqualTo(100);
    arrive(500, 600);
    assertThat(length(waits)).isEqualTo(100);
  }

  @Test
  void aReaderThatWaitsHoldsNoOtherUp() {
    Follower waiting = join(null);
    next(waiting, 0);
    assertThat(followers.dropSlowReaders(300)).isZero();
  }
}
