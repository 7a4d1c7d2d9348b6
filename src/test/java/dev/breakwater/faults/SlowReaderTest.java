package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.holdAt;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.Gate;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

/** A client that hardly reads slows down itself only (docs/findings.md#slow-readers). */
class SlowReaderTest extends UpstreamFaults {
  /** Far more than the kernel buffers for one connection. */
  private static final int SIZE = 16 * 1024 * 1024;

  private static final int SIP = 10_000;

  private final TestImage large = TestImage.oci().seed(11).layer(SIZE).build();
  private final Content blob = large.layer(0);

  /** Takes a few bytes of a blob each time it is told to, and none in between. */
  private static final class Sipper implements AutoCloseable {
    private final Socket socket = new Socket();
    private final InputStream in;

    Sipper(URI mirror, Content blob) throws IOException {
      socket.setReceiveBufferSize(64 * 1024);
      socket.setSoTimeout(60_000);
      socket.connect(new InetSocketAddress(mirror.getHost(), mirror.getPort()));
      String request =
          "GET /v2/%s/blobs/%s HTTP/1.1\r\nHost: mirror\r\n\r\n".formatted(NGINX, blob.digest());
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      in = socket.getInputStream();
      assertThat(head()).startsWith("HTTP/1.1 200 ").contains("content-length: " + SIZE);
    }

    private String head() throws IOException {
      StringBuilder head = new StringBuilder();
      while (head.indexOf("\r\n\r\n") < 0) {
        head.append((char) in.read());
      }
      return head.toString().toLowerCase(java.util.Locale.ROOT).replace("http/", "HTTP/");
    }

    byte[] take(int bytes) throws IOException {
      return in.readNBytes(bytes);
    }

    @Override
    public void close() throws IOException {
      socket.close();
    }
  }

  private void awaitReaders(long count) {
    long deadline = System.nanoTime() + SECONDS.toNanos(60);
    while (mirror.metric("download_waiters") != count) {
      assertThat(System.nanoTime()).as("readers must become %s", count).isLessThan(deadline);
    }
  }

  @Test
  void aReaderThatHardlyReadsSlowsNeitherTheDownloadNorTheOtherReaders() throws Exception {
    start();
    upstream.put(NGINX, "large", large);
    assertRight(client.manifest(NGINX, "large"), large.manifest());
    Gate begun = new Gate();
    upstream.on(blobBytes(blob.digest())).once().then(holdAt(1_000_000, begun));
    try (Sipper slow = new Sipper(mirror.uri(), blob)) {
      List<CompletableFuture<Reply>> fast = new ArrayList<>();
      CountDownLatch reading = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        fast.add(client.startBlob(NGINX, blob.digest(), reading::countDown));
      }
      assertThat(reading.await(60, SECONDS)).as("all read from the one download").isTrue();
      assertThat(slow.take(SIP)).isEqualTo(blob.bytes(0, SIP));
      begun.open();

      for (CompletableFuture<Reply> reply : fast) {
        assertRight(PullClient.await(reply), blob);
      }
      assertThat(mirror.keeps(blob.digest())).as("kept, although a client still reads").isTrue();
      awaitReaders(1);

      assertThat(slow.take(SIP)).isEqualTo(blob.bytes(SIP, SIP));
      assertThat(slow.take(SIZE - 2 * SIP)).isEqualTo(blob.bytes(2 * SIP, SIZE - 2 * SIP));
      assertThat(upstream.bytesSent(blob.digest()))
          .as("from upstream")
          .isBetween((long) SIZE, SIZE * 9L / 8);
    }
    awaitReaders(0);
  }
}
