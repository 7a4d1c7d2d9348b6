package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.chunked;
import static dev.breakwater.testing.Faults.contentDigest;
import static dev.breakwater.testing.Faults.contentEncoding;
import static dev.breakwater.testing.Faults.contentLength;
import static dev.breakwater.testing.Faults.contentRange;
import static dev.breakwater.testing.Faults.contentType;
import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.Faults.extraBytes;
import static dev.breakwater.testing.Faults.hangUp;
import static dev.breakwater.testing.Faults.htmlPage;
import static dev.breakwater.testing.Faults.ignoreRange;
import static dev.breakwater.testing.Faults.noContentLength;
import static dev.breakwater.testing.Faults.stallAt;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.truncatedTo;
import static dev.breakwater.testing.Faults.withoutHeader;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Eventually;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Arrays;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class BlobDownloadTest {
  private static final int SIZE = 300_000;
  private static final Duration SOON = Duration.ofSeconds(10);

  private final TestImage image = TestImage.oci().layer(SIZE).build();
  private final Content layer = image.layer(0);
  private final Digest digest = layer.digest();
  private final FaultyRegistry upstream = FaultyRegistry.start().put(NGINX.value(), "1.27", image);
  private final UpstreamClient client = UpstreamClient.of(upstream).build();

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  private byte[] bytes(int from, int to) {
    return Arrays.copyOfRange(layer.bytes(), from, to);
  }

  static Stream<Arguments> brokenBodies() {
    return Stream.of(
        Arguments.of(cutAt(100_000, Cut.FIN), UpstreamOutcome.CONNECT),
        Arguments.of(cutAt(100_000, Cut.RST), UpstreamOutcome.CONNECT),
        Arguments.of(contentLength(SIZE + 1), UpstreamOutcome.CONNECT),
        Arguments.of(chunked().and(cutAt(100_000, Cut.FIN)), UpstreamOutcome.CONNECT));
  }

  @ParameterizedTest
  @MethodSource("brokenBodies")
  void bodyThatBreaksOffFailsTheTransfer(Fault fault, UpstreamOutcome outcome) {
    upstream.on(blob().get()).then(fault);
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
    assertThat(failure).hasMessageStartingWith("pulling blob library/nginx@" + digest + " from ");
    assertThat(client.counted(ContentKind.BLOB, outcome)).isEqualTo(1);
    assertThat(client.counted(ContentKind.BLOB)).isEqualTo(1);
  }

  @Test
  void moreBytesThanTheRangeFailTheTransfer() {
    upstream.on(blob().get()).then(chunked(), extraBytes(1));
    UpstreamException failure = failureOf(client.download(digest, 1));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
    assertThat(failure).hasMessageContaining("more than it announced");
    upstream.awaitOpenConnections(Listener.REGISTRY, 0, SOON);
  }

  @Test
  void fewerBytesThanTheRangeFailTheTransfer() {
    upstream.on(blob().get()).then(truncatedTo(5), chunked());
    UpstreamException failure = failureOf(client.download(digest, 0, OptionalLong.of(9)));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.CONNECT);
    assertThat(failure).hasMessageContaining("5 of 10 bytes");
  }

  static Stream<Arguments> brokenHeads() {
    String other = "sha256:" + "0".repeat(64);
    return Stream.of(
        Arguments.of(contentEncoding("zstd"), UpstreamOutcome.INVALID),
        Arguments.of(contentDigest(other), UpstreamOutcome.DIGEST_MISMATCH),
        Arguments.of(status(404), UpstreamOutcome.NOT_FOUND),
        Arguments.of(status(416), UpstreamOutcome.REFUSED),
        Arguments.of(status(204), UpstreamOutcome.INVALID),
        Arguments.of(withoutHeader("Content-Range"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1000-299999"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 0-298999/300000"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1001-299999/300000"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1000-299998/300000"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1000-299999/400000"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1000-300000/300001"), UpstreamOutcome.INVALID),
        Arguments.of(contentRange("bytes 1000-299999/1"), UpstreamOutcome.INVALID),
        Arguments.of(hangUp(Cut.RST), UpstreamOutcome.CONNECT));
  }

  @ParameterizedTest
  @MethodSource("brokenHeads")
  void wrongHeadOpensNoTransfer(Fault fault, UpstreamOutcome outcome) {
    upstream.on(blob().get()).then(fault);
    UpstreamException failure =
        failureOf(client.registry().openBlob(NGINX, digest, 1000, OptionalLong.empty()));
    assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(outcome);
    assertThat(client.counted(ContentKind.BLOB, outcome)).isEqualTo(1);
    assertThat(client.counted(ContentKind.BLOB)).isEqualTo(1);
  }

  @Test
  void unaskedPartIsRefused() {
    upstream.on(blob().get()).then(status(206), contentRange("bytes 0-299999/300000"));
    assertThat(failureOf(client.download(digest, 0)).outcome()).isEqualTo(UpstreamOutcome.INVALID);
  }

  @Test
  void rangeBehindTheEndIsRefused() {
    UpstreamException failure = failureOf(client.download(digest, SIZE + 5));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.REFUSED);
    assertThat(failure.status()).isEqualTo(416);
  }

  @Test
  void wholeBlobComesComplete() {
    assertThat(await(client.download(digest, 0))).isEqualTo(layer.bytes());
    assertThat(client.fetched(ContentKind.BLOB)).isEqualTo(SIZE);
    assertThat(client.counted(ContentKind.BLOB, UpstreamOutcome.OK)).isEqualTo(1);
    assertThat(upstream.requests(blob()).getFirst().range()).isEmpty();
  }

  @Test
  void rangeIsAskedForAndRespected() {
    assertThat(await(client.download(digest, 1000))).isEqualTo(bytes(1000, SIZE));
    assertThat(await(client.download(digest, 1000, OptionalLong.of(1999))))
        .isEqualTo(bytes(1000, 2000));
    assertThat(await(client.download(digest, 0, OptionalLong.of(9)))).isEqualTo(bytes(0, 10));
    assertThat(await(client.download(digest, SIZE - 10, OptionalLong.of(SIZE + 99))))
        .isEqualTo(bytes(SIZE - 10, SIZE));
    assertThat(upstream.requests(blob()).get(1).range()).contains("bytes=1000-1999");
  }

  @Test
  void transferTellsWhatComes() {
    BlobTransfer part =
        await(client.registry().openBlob(NGINX, digest, 1000, OptionalLong.of(1999)));
    assertThat(part.offset()).isEqualTo(1000);
    assertThat(part.length()).hasValue(1000);
    assertThat(part.totalSize()).hasValue(SIZE);
  }

  @Test
  void ignoredRangeBeginsAtZero() {
    upstream.on(blob().get()).then(ignoreRange());
    BlobTransfer transfer =
        await(client.registry().openBlob(NGINX, digest, 1000, OptionalLong.empty()));
    assertThat(transfer.offset()).isZero();
    assertThat(transfer.length()).hasValue(SIZE);
    assertThat(transfer.totalSize()).hasValue(SIZE);
  }

  @Test
  void bodyWithoutLengthComesWithoutOne() {
    upstream.on(blob().get()).then(noContentLength());
    BlobTransfer transfer =
        await(client.registry().openBlob(NGINX, digest, 0, OptionalLong.empty()));
    assertThat(transfer.length()).isEmpty();
    assertThat(transfer.totalSize()).isEmpty();
    assertThat(await(client.download(digest, 0))).isEqualTo(layer.bytes());
  }

  @Test
  void unknownTotalIsTaken() {
    upstream.on(blob().get()).then(contentRange("bytes 1000-299999/*"));
    BlobTransfer transfer =
        await(client.registry().openBlob(NGINX, digest, 1000, OptionalLong.empty()));
    assertThat(transfer.totalSize()).isEmpty();
    assertThat(transfer.length()).hasValue(SIZE - 1000);
  }

  @Test
  void typeDoesNotMatter() {
    upstream.on(blob()).then(contentType("text/html"), withoutHeader("Docker-Content-Digest"));
    assertThat(await(client.download(digest, 0))).isEqualTo(layer.bytes());
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(SIZE);
  }

  @Test
  void cancelClosesTheConnectionAndIsCountedAsOurs() {
    upstream.on(blob().get()).then(stallAt(1000));
    Promise<Void> completion = Promise.promise();
    client
        .vertx()
        .runOnContext(
            ignored ->
                client
                    .registry()
                    .openBlob(NGINX, digest, 0, OptionalLong.empty())
                    .compose(
                        transfer -> {
                          Future<byte[]> drained = UpstreamClient.drain(transfer);
                          transfer.cancel();
                          transfer.cancel();
                          return drained.<Void>mapEmpty();
                        })
                    .onComplete(completion));
    assertThat(failureOf(completion.future()).outcome()).isEqualTo(UpstreamOutcome.CANCELLED);
    upstream.awaitOpenConnections(Listener.REGISTRY, 0, SOON);
    assertThat(client.counted(ContentKind.BLOB, UpstreamOutcome.CANCELLED)).isEqualTo(1);
  }

  @Test
  void pausedTransferDeliversNothing() {
    Promise<byte[]> result = Promise.promise();
    client
        .vertx()
        .runOnContext(
            ignored ->
                client
                    .registry()
                    .openBlob(NGINX, digest, 0, OptionalLong.empty())
                    .compose(this::pausingAfterEveryPiece)
                    .onComplete(result));
    assertThat(await(result.future())).isEqualTo(layer.bytes());
  }

  private Future<byte[]> pausingAfterEveryPiece(BlobTransfer transfer) {
    java.io.ByteArrayOutputStream bytes = new java.io.ByteArrayOutputStream();
    boolean[] paused = {false};
    transfer.handler(
        piece -> {
          assertThat(paused[0]).isFalse();
          assertThat(Vertx.currentContext()).isNotNull();
          bytes.writeBytes(piece.getBytes());
          transfer.pause();
          paused[0] = true;
          client
              .vertx()
              .setTimer(
                  1,
                  id -> {
                    paused[0] = false;
                    transfer.resume();
                  });
        });
    transfer.resume();
    return transfer.completion().map(ignored -> bytes.toByteArray());
  }

  @Test
  void sizeIsAskedForByHead() {
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(SIZE);
    assertThat(upstream.count(blob().get())).isZero();
    assertThat(upstream.bytesSent(digest)).isZero();
  }

  static Stream<Fault> uselessHeads() {
    return Stream.of(
        chunked(),
        contentLength(0),
        htmlPage(),
        contentEncoding("gzip"),
        status(400),
        status(401),
        status(403),
        status(405),
        status(501));
  }

  @ParameterizedTest
  @MethodSource("uselessHeads")
  void whereHeadIsOfNoUseTheSizeComesFromOneByteByGet(Fault fault) {
    upstream.on(blob().head()).then(fault);
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(SIZE);
    assertThat(upstream.requests(blob().get()).getFirst().range()).contains("bytes=0-0");
    // The size is known from the head of the answer.
    Eventually.until("the byte is sent", () -> upstream.bytesSent(digest) == 1);
  }

  @ParameterizedTest
  @MethodSource("uselessHeads")
  void whereRangesFailTooTheSizeComesFromAbandonedGet(Fault fault) {
    upstream.on(blob().head()).then(fault);
    upstream.on(blob().ranged()).then(status(416));
    assertThat(await(client.registry().headBlob(NGINX, digest))).hasValue(SIZE);
  }

  @Test
  void blobThatIsNotThereIsNotAskedForByGetAfterHead() {
    upstream.on(blob().head()).then(status(404));
    assertThat(failureOf(client.registry().headBlob(NGINX, digest)).outcome())
        .isEqualTo(UpstreamOutcome.NOT_FOUND);
    assertThat(upstream.count(blob().get())).isZero();
  }
}
