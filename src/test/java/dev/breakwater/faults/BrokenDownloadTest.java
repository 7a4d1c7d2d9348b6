package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.*;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Cut;
import dev.breakwater.testing.Fault;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Gate;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.Rule;
import dev.breakwater.upstream.TimeLimits;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Bodies that stall, break off, or are not what they should be. */
@Tag("slow")
class BrokenDownloadTest extends UpstreamFaults {
  private static final int BREAK = 1_500_000;

  private Rule onLayer() {
    return upstream.on(blobBytes(layer.digest()));
  }

  private Rule onResume() {
    return upstream.on(blobBytes(layer.digest()).ranged());
  }

  private int resumes() {
    return upstream.count(blobBytes(layer.digest()).ranged());
  }

  private int fromScratch() {
    return upstream.count(blobBytes(layer.digest()).unranged());
  }

  private long mismatches() {
    return mirror.metric("digest_mismatch_total", "upstream=\"docker.io\"");
  }

  @Test
  void stalledDownloadIsTakenUpWhereItStoodAndNoClientNotices() throws Exception {
    start(registry(), mirror -> mirror.limits(IMPATIENT));
    onLayer().once().then(stallAt(BREAK));
    pull(image);
    assertThat(upstream.count(blobBytes(layer.digest()).rangeFrom(BREAK))).isEqualTo(1);
    assertThat(mirror.upstreamRequests("blob", "timeout")).isEqualTo(1);
    assertThat(mirror.keeps(layer.digest())).isTrue();
  }

  @Test
  void downloadThatDripsBelowTheFloorIsTakenUpAgain() throws Exception {
    TimeLimits floor =
        new TimeLimits(
            Duration.ofSeconds(5),
            Duration.ofSeconds(20),
            Duration.ofSeconds(20),
            100_000,
            Duration.ofMillis(500));
    start(registry(), mirror -> mirror.limits(floor));
    onLayer().once().then(drip(1000, Duration.ofMillis(50)));
    pull(image);
    assertThat(resumes()).isPositive();
    assertThat(mirror.upstreamRequests("blob", "timeout")).isPositive();
  }

  @Test
  void downloadThatKeepsStallingEndsShortAndTheNextOneGoesOnFromThere() throws Exception {
    start(registry(), mirror -> mirror.limits(IMPATIENT));
    onLayer().once().then(stallAt(BREAK));
    onResume().then(stallAt(0));
    Reply cut = fetch(layer);
    assertShort(cut, layer);
    assertThat(cut.body()).isEqualTo(layer.bytes(0, BREAK));
    assertThat(mirror.keeps(layer.digest())).isFalse();
    assertThat(mirror.partialBytes()).isEqualTo(BREAK);
    upstream.heal();
    assertRight(fetch(layer), layer);
    assertThat(fromScratch()).isEqualTo(1);
    assertThat(mirror.keeps(layer.digest())).isTrue();
    assertThat(mirror.partialBytes()).isZero();
  }

  @ParameterizedTest
  @EnumSource(Cut.class)
  void downloadThatBreaksOffIsTakenUpAndNoClientNotices(Cut how) throws Exception {
    start();
    onLayer().times(3).then(cutAt(BREAK / 3, how));
    pull(image);
    assertThat(fromScratch()).isEqualTo(1);
    assertThat(resumes()).isEqualTo(3);
    assertThat(mirror.upstreamRequests("blob", "connect")).isEqualTo(3);
  }

  @Test
  void clientTakesUpWhatEndedShortWithARangeAndGetsTheRest() throws Exception {
    start();
    onLayer().once().then(cutAt(BREAK, Cut.FIN));
    Rule outage = onResume().then(status(503));
    Reply cut = fetch(layer);
    assertShort(cut, layer);
    outage.remove();
    Reply rest = insist(() -> client.blob(NGINX, layer.digest(), cut.body().length));
    assertThat(rest.verdict(layer, cut.body().length)).isEqualTo(Reply.Verdict.RIGHT);
    assertThat(mirror.keeps(layer.digest())).isTrue();
    assertThat(fromScratch()).isEqualTo(1);
  }

  @Test
  void registryThatRestartsDuringADownloadIsNotNoticed() throws Exception {
    start();
    Gate middle = new Gate();
    onLayer().once().then(holdAt(BREAK, middle));
    CompletableFuture<Reply> reply = client.startBlob(NGINX, layer.digest(), () -> {});
    middle.awaitArrivals(1, Duration.ofSeconds(30));
    upstream.goDown();
    upstream.comeBack();
    assertRight(PullClient.await(reply), layer);
  }

  @Test
  void upstreamThatIgnoresRangesIsReadFromItsStartAgain() throws Exception {
    start(registry().withoutRanges());
    onLayer().once().then(cutAt(BREAK, Cut.FIN));
    pull(image);
    assertThat(mirror.keeps(layer.digest())).isTrue();
  }

  @Test
  void partThatIsNotTheOneAskedForIsNotUsed() throws Exception {
    start();
    onLayer().once().then(cutAt(BREAK, Cut.FIN));
    onResume().once().then(contentRange("bytes 0-1499999/3000000"));
    onResume().once().then(contentRange("bytes 1500000-2000000/3000000"));
    onResume().once().then(contentRange("nonsense"));
    pull(image);
    assertThat(mirror.upstreamRequests("blob", "invalid")).isEqualTo(3);
    assertThat(resumes()).isEqualTo(4);
  }

  @Test
  void signedAddressThatExpiresDuringADownloadIsReplaced() throws Exception {
    start(registry().cdnUrlUses(1));
    onLayer().times(3).then(cutAt(BREAK / 3, Cut.RST));
    pull(image);
    assertThat(
            upstream.requests(blobBytes(layer.digest())).stream()
                .map(request -> request.query())
                .distinct())
        .hasSize(4);
    assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
  }

  @Test
  void wrongBytesEndTheAnswerShortAndAreFetchedOnceMoreFromScratch() throws Exception {
    start();
    Gate middle = new Gate();
    onLayer().once().then(wrongByteAt(100), holdAt(BREAK, middle));
    Reply reply = PullClient.await(client.startBlob(NGINX, layer.digest(), middle::open));
    assertShort(reply, layer);
    assertThat(mirror.keeps(layer.digest())).isTrue();
    assertThat(mismatches()).isEqualTo(1);
    assertThat(fromScratch()).isEqualTo(2);
    assertRight(fetch(layer), layer);
    assertThat(fromScratch()).isEqualTo(2);
  }

  @Test
  void bytesThatStayWrongAreNeverKept() throws Exception {
    start();
    onLayer().then(wrongByteAt(LARGE - 1));
    Reply.Verdict verdict = fetch(layer).verdict(layer);
    assertThat(verdict).isIn(Reply.Verdict.SHORT, Reply.Verdict.REFUSED);
    mirror.awaitNoDownloads();
    assertThat(mismatches()).isEqualTo(3);
    assertThat(fromScratch()).isEqualTo(3);
    assertNothingKept();
    upstream.heal();
    pull(image);
    assertOnlyTruthIsKept(image.blobs());
  }

  @Test
  void wrongBytesOfASmallBlobAreSeenBeforeTheFirstOneIsSent() throws Exception {
    start();
    upstream.on(blobBytes(small.digest())).times(3).then(wrongByteAt(100));
    assertBlobUnknown(fetch(small));
    assertThat(mismatches()).isEqualTo(3);
    assertNothingKept();
    upstream.on(blobBytes(small.digest())).once().then(wrongByteAt(100));
    assertRight(fetch(small), small);
  }

  @Test
  void digestThatIsAnnouncedWrongIsBelievedToBeTheWrongBlob() throws Exception {
    start(FaultyRegistry.builder());
    upstream.on(blobBytes(layer.digest())).then(contentDigest(small.digest().toString()));
    assertBlobUnknown(fetch(layer));
    assertNothingKept();
  }

  private void assertLengthRefused(Fault fault) throws Exception {
    start();
    assertRight(manifest(), image.manifest());
    onLayer().then(fault);
    Reply reply = fetch(layer);
    assertThat(reply.verdict(layer))
        .as("%s", reply)
        .isIn(Reply.Verdict.SHORT, Reply.Verdict.REFUSED);
    assertThat(mirror.keeps(layer.digest())).isFalse();
    upstream.heal();
    assertRight(fetch(layer), layer);
    assertThat(mirror.keeps(layer.digest())).isTrue();
  }

  @Test
  void bodyThatIsAnnouncedTooShortIsRefused() throws Exception {
    assertLengthRefused(truncatedTo(BREAK));
  }

  @Test
  void bodyThatIsAnnouncedTooLongIsRefused() throws Exception {
    assertLengthRefused(contentLength(LARGE + 1));
  }

  @Test
  void bodyWithoutLengthThatIsTooShortIsNotTakenForWhole() throws Exception {
    start();
    assertRight(manifest(), image.manifest());
    onLayer().once().then(noContentLength(), truncatedTo(BREAK));
    assertRight(fetch(layer), layer);
    assertThat(upstream.count(blobBytes(layer.digest()).rangeFrom(BREAK))).isEqualTo(1);
  }

  @Test
  void bodyWithoutLengthThatIsTooLongIsServedAsFarAsItIsProven() throws Exception {
    start();
    onLayer().once().then(chunked().and(extraBytes(1)));
    pull(image);
    assertOnlyTruthIsKept(image.blobs());
  }

  @Test
  void bodyWithoutEndIsCutOff() throws Exception {
    assertLengthRefused(endlessBody());
  }

  @Test
  void bytesAfterTheAnnouncedEndDoNotReachAnybody() throws Exception {
    start();
    onLayer().once().then(extraBytes(1000));
    pull(image);
    assertOnlyTruthIsKept(image.blobs());
  }

  @Test
  void bodyWithoutLengthIsAsGoodAsOneWith() throws Exception {
    start();
    onLayer().once().then(noContentLength());
    upstream.on(blobBytes(small.digest())).once().then(chunked());
    pull(image);
    assertThat(fromScratch()).isEqualTo(1);
  }

  @Test
  void lengthThatIsNotKnownBeforehandKeepsBytesBackUntilTheyAreProven() throws Exception {
    start();
    onLayer().once().then(chunked(), wrongByteAt(5));
    onLayer().once().then(chunked());
    // Without its manifest: not even that tells the length.
    assertRight(fetch(layer), layer);
    assertThat(mismatches()).isEqualTo(1);
  }
}
