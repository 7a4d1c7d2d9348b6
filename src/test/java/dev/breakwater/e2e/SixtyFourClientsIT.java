package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** However many clients ask at once, a blob is fetched once and each gets bytes as they arrive. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class SixtyFourClientsIT {
  private static final int CLIENTS = 64;
  private static final long HELD_AT = 8L << 20;

  private final TestImages images = TestImages.shared();

  /**
   * Upstream stops after 8 MiB until every client has bytes, so none can have waited for the end.
   */
  @Test
  void anAbsentBlobCostsOneDownloadAndReachesEveryoneAsItArrives(TestInfo test) throws Exception {
    Blob blob = images.largeBlob();
    try (Workspace workspace = new Workspace(test);
        Upstream upstream = Upstream.start(workspace, images);
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, upstream.uri(), upstream.settings());
        BlobGet get = new BlobGet(mirror, images.large().repository(), blob.digest());
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Hold hold = upstream.door().holdBlob(blob.digest(), HELD_AT);
      CountDownLatch withoutBytes = new CountDownLatch(CLIENTS);
      List<Future<String>> digests = new ArrayList<>();
      for (int client = 0; client < CLIENTS; client++) {
        digests.add(threads.submit(() -> digest(get, withoutBytes)));
      }

      hold.awaitReached();
      boolean allHaveBytes = withoutBytes.await(1, TimeUnit.MINUTES);
      hold.release();

      assertThat(allHaveBytes).as("bytes reach everyone while upstream still sends").isTrue();
      for (Future<String> digest : digests) {
        assertThat(digest.get()).isEqualTo(blob.digest());
      }
      assertThat(upstream.log().downloads(blob.digest())).isEqualTo(1);
    }
  }

  private static String digest(BlobGet get, CountDownLatch withoutBytes)
      throws IOException, InterruptedException {
    MessageDigest sha256 = Blob.sha256();
    byte[] buffer = new byte[64 * 1024];
    try (InputStream body = get.open()) {
      int first = body.read(buffer);
      withoutBytes.countDown();
      for (int count = first; count >= 0; count = body.read(buffer)) {
        sha256.update(buffer, 0, count);
      }
    }
    return Blob.digest(sha256);
  }
}
