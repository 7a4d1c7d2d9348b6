package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Every thread that syncs waits for the disk. */
class SlowSyncTest {
  @TempDir Path data;
  private final CountDownLatch synced = new CountDownLatch(1);
  private MirrorFixture mirror;

  /** One download at a time. */
  @BeforeEach
  void start() throws Exception {
    mirror =
        new MirrorFixture(
            data, MirrorFixture.settings(1, Duration.ofSeconds(25), Duration.ofSeconds(10)), false);
    for (int i = 0; i < 4; i++) {
      mirror.store.parts().threads().committers().execute(this::awaitSync);
    }
  }

  @AfterEach
  void stop() throws Exception {
    synced.countDown();
    mirror.close();
  }

  private void awaitSync() {
    try {
      synced.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void coldBlobsAreFetchedAndServedWhileTheDiskSyncs() throws Exception {
    Digest first = fetch(1);
    Digest second = fetch(2);
    assertThat(mirror.store.contains(first)).as("not before it is durable").isFalse();
    synced.countDown();
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(first)).isTrue();
    assertThat(mirror.store.contains(second)).isTrue();
  }

  @Test
  void whatADiskIsTooFarBehindForIsServedAndNotKept() throws Exception {
    fillUp(mirror.store.parts().threads().committers());
    Digest blob = fetch(1);
    mirror.downloads.idle().await(10, SECONDS);
    assertThat(mirror.store.contains(blob)).isFalse();
    assertThat(mirror.budget.used()).isZero();
  }

  private static void fillUp(ExecutorService threads) {
    try {
      while (true) {
        threads.execute(() -> {});
      }
    } catch (RejectedExecutionException e) {
      assertThat(e).isNotNull();
    }
  }

  private Digest fetch(int seed) throws Exception {
    byte[] content = new byte[2000];
    new Random(seed).nextBytes(content);
    Digest digest = Digest.ofSha256(content);
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    BlobBody body = open.await(10, SECONDS).value();
    assertThat(mirror.readAll(body).await(10, SECONDS)).isEqualTo(Buffer.buffer(content));
    return digest;
  }
}
