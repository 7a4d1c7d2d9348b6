package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * {@code kill -9} in the middle of a pull: no wrong byte before or after it, and the pull ends
 * well.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class KillDuringPullIT {
  private static final long HELD_AT = 40L << 20;
  private static final int READ_BEFORE = 1 << 20;

  private final TestImages images = TestImages.shared();

  /** Upstream holds the layer at 40 MiB, so that the process is certainly killed in its middle. */
  @Test
  void dockerdFinishesItsPullAfterTheRestart(TestInfo test) throws Exception {
    TestImage image = images.large();
    Blob blob = images.largeBlob();
    try (Workspace workspace = new Workspace(test);
        Upstream upstream = Upstream.start(workspace, images);
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, upstream.uri(), upstream.settings());
        ImageClient client = new Dockerd(workspace, mirror);
        BlobGet get = new BlobGet(mirror, image.repository(), blob.digest());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Hold hold = upstream.door().holdBlob(blob.digest(), HELD_AT);
      CountDownLatch reading = new CountDownLatch(1);
      Future<String> pull = threads.submit(() -> client.pull(image.byTag()));
      hold.awaitReached();
      Future<Long> reader = threads.submit(() -> rightBytes(get, blob, reading));
      assertThat(reading.await(1, TimeUnit.MINUTES)).as("a reader joins the transfer").isTrue();

      mirror.kill();
      hold.release();
      assertThat(reader.get()).as("right bytes read until the kill").isLessThan(blob.size());
      mirror.start();

      assertThat(pull.get()).isEqualTo(client.identityOf(image));
      assertThat(client.run(image.byTag())).isEqualTo(image.marker());
      for (String digest : image.needed()) {
        try (BlobGet again = new BlobGet(mirror, image.repository(), digest);
            InputStream body = again.open()) {
          assertThat(Blob.digest(body)).isEqualTo(digest);
        }
      }
    }
  }

  /**
   * Reads until the body ends or breaks.
   *
   * @return how many bytes came; each was what the blob has there
   */
  private static long rightBytes(BlobGet get, Blob blob, CountDownLatch reading)
      throws IOException, InterruptedException {
    long count = 0;
    byte[] buffer = new byte[64 * 1024];
    try (InputStream body = get.open();
        InputStream truth = Files.newInputStream(blob.file())) {
      for (int read = readOrEnd(body, buffer); read >= 0; read = readOrEnd(body, buffer)) {
        assertThat(truth.readNBytes(read))
            .as("bytes from %d", count)
            .isEqualTo(Arrays.copyOf(buffer, read));
        count += read;
        if (count >= READ_BEFORE) {
          reading.countDown();
        }
      }
    }
    return count;
  }

  private static int readOrEnd(InputStream body, byte[] buffer) {
    try {
      return body.read(buffer);
    } catch (IOException broken) {
      return -1;
    }
  }
}
