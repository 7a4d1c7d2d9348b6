package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.contentRange;
import static dev.breakwater.testing.Faults.cutAt;
import static dev.breakwater.testing.Faults.ignoreRange;
import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.withoutHeader;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.Rule;
import dev.breakwater.testing.TestImage;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Upstreams that send whole blobs and fail on ranges, always or sometimes. */
@Tag("slow")
class RangelessUpstreamTest extends UpstreamFaults {
  private static final int BREAK = 1_500_000;
  private static final int SIZE = 16 * 1024 * 1024;

  private final TestImage large = TestImage.oci().seed(7).layer(SIZE).build();
  private final Content blob = large.layer(0);

  static Stream<Fault> rangeFaults() {
    return Stream.of(
        status(400),
        status(403),
        status(404),
        status(416),
        status(501),
        contentRange("bytes 0-1499999/3000000"),
        withoutHeader("Content-Range"),
        ignoreRange());
  }

  private RequestMatcher onLayer() {
    return blobBytes(layer.digest());
  }

  @ParameterizedTest
  @MethodSource("rangeFaults")
  void whatBreaksIsFetchedWholeAndTheClientDoesNotNotice(Fault fault) throws Exception {
    start();
    upstream.on(onLayer().unranged()).once().then(cutAt(BREAK, Cut.FIN));
    upstream.on(onLayer().ranged()).then(fault);
    pull(image);
    assertThat(mirror.keeps(layer.digest())).isTrue();
    assertThat(upstream.count(onLayer().unranged())).isLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @MethodSource("rangeFaults")
  void whatAnEarlierProcessLeftIsFetchedWholeToo(Fault fault) throws Exception {
    start();
    upstream.on(onLayer()).once().then(cutAt(BREAK, Cut.FIN));
    Rule outage = upstream.on(onLayer()).then(cutAt(0, Cut.FIN));
    assertShort(fetch(layer), layer);
    mirror.awaitNoDownloads();
    assertThat(mirror.partialBytes()).isEqualTo(BREAK);
    outage.remove();
    upstream.on(onLayer().ranged()).then(fault);
    client.close();
    mirror.close();
    mirrorOf(RunningMirror.of(upstream, data));
    assertRight(insist(() -> fetch(layer)), layer);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(layer.digest())).isTrue();
    assertThat(mirror.partialBytes()).isZero();
  }

  @Test
  void plainTransferThatBreaksIsRepeatedWhileItGetsFurther() throws Exception {
    start();
    upstream.on(onLayer().ranged()).then(status(400));
    upstream.on(onLayer().unranged()).once().then(cutAt(BREAK / 3, Cut.FIN));
    upstream.on(onLayer().unranged()).once().then(cutAt(BREAK / 2, Cut.RST));
    upstream.on(onLayer().unranged()).once().then(cutAt(BREAK, Cut.FIN));
    pull(image);
    assertThat(upstream.count(onLayer().unranged())).isEqualTo(4);
  }

  @Test
  void purgeRemovesWhatABrokenDownloadLeft() throws Exception {
    start();
    assertRight(manifest(), image.manifest());
    upstream.on(onLayer()).once().then(cutAt(BREAK, Cut.FIN));
    upstream.on(onLayer()).then(cutAt(0, Cut.FIN));
    assertShort(fetch(layer), layer);
    mirror.awaitNoDownloads();
    assertThat(mirror.partialBytes()).isEqualTo(BREAK);
    mirror.post("/api/purge?upstream=docker.io&repository=library/nginx");
    assertThat(mirror.partialBytes()).isZero();
  }

  private void startLimited() throws Exception {
    start(registry().ratePerConnection(8 * 1024 * 1024));
    upstream.put(NGINX, "large", large);
    assertRight(client.manifest(NGINX, "large"), large.manifest());
  }

  static Stream<Fault> segmentFaults() {
    // After several 501 in a row this upstream counts as down.
    return rangeFaults().filter(fault -> !fault.toString().contains("501"));
  }

  @ParameterizedTest
  @MethodSource("segmentFaults")
  void segmentsThatNeverComeCostOneMoreTransfer(Fault fault) throws Exception {
    startLimited();
    upstream.on(blobBytes(blob.digest()).ranged()).after(1).then(fault);
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }

  @Test
  void segmentsThatFailSometimesAreAskedForAgainAndNothingIsFetchedTwice() throws Exception {
    startLimited();
    upstream.on(blobBytes(blob.digest()).ranged()).after(1).times(2).then(status(403));
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
    assertThat(upstream.bytesSent(blob.digest())).isBetween((long) SIZE, SIZE * 9L / 8);
  }
}
