package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What HEAD, a manifest or one answer says of a blob is a hint until a digest proves it. */
class UnprovenSizeTest {
  private static final int SIZE = 2000;

  @TempDir Path data;
  private final byte[] content = new byte[SIZE];
  private Digest digest;
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    new Random(5).nextBytes(content);
    digest = Digest.ofSha256(content);
    mirror = new MirrorFixture(data);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static <T> T get(Future<T> future) throws Exception {
    return future.await(10, SECONDS);
  }

  private Future<Served<BlobBody>> open() {
    return mirror.open(mirror.nginx(), digest);
  }

  private BlobStat stat() throws Exception {
    return get(mirror.onLoop(() -> mirror.nginx().blobs().stat(digest))).value();
  }

  private void link(long size) throws Exception {
    LinkRecord link = new LinkRecord(MediaType.OCI_CONFIG, size);
    get(
        mirror.index.apply(
            List.of(
                Tables.LINKS.put(
                    new InRepository<>(mirror.hub.zone(), MirrorFixture.NGINX, digest), link))));
  }

  private long linkedSize() {
    return mirror
        .facts
        .get(Tables.LINKS, new InRepository<>(mirror.hub.zone(), MirrorFixture.NGINX, digest))
        .orElseThrow()
        .size();
  }

  private void assertWhole(Future<Served<BlobBody>> answer) throws Exception {
    assertThat(get(mirror.readAll(get(answer).value()))).isEqualTo(Buffer.buffer(content));
    get(mirror.downloads.idle());
    assertThat(mirror.facts.get(Tables.BLOBS, digest).orElseThrow().size()).isEqualTo(SIZE);
  }

  @ParameterizedTest
  @ValueSource(longs = {333, 20_000})
  void aWrongHintCostsOneRequestAndIsCorrectedByTheProof(long hint) throws Exception {
    link(hint);
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE);
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
    assertThat(mirror.hub.blobGets).hasValue(2);
    assertThat(linkedSize()).isEqualTo(SIZE);
    assertThat(stat().size()).isEqualTo(SIZE);
  }

  @Test
  void aHintOfNothingIsNoHint() throws Exception {
    link(0);
    mirror.hub.blobSizes.put(digest, (long) SIZE);
    assertThat(stat().size()).isEqualTo(SIZE);
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void aWrongLengthOfOneAnswerIsThatAnswersFault() throws Exception {
    link(SIZE);
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(1477);
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
  }

  @Test
  void aPageInPlaceOfTheRestDoesNotCostWhatIsHere() throws Exception {
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content, 0, 700).breakOff();
    BlobBody body = get(answer).value();
    for (int i = 0; i < MirrorFixture.SETTINGS.retries().most(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    get(mirror.downloads.idle());
    body.close();
    Future<Served<BlobBody>> again = open();
    mirror.hub.nextTransfer().answer(0, OptionalLong.of(56));
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    assertThat(rest.first).isEqualTo(699);
    rest.answer(SIZE).send(content, 699, SIZE).end();
    assertWhole(again);
  }

  @Test
  void aHintThatIsTooSmallEndsTheAnswersThatBelievedItAndNoOthers() throws Exception {
    link(333);
    Future<Served<BlobBody>> early = open();
    mirror.hub.nextTransfer().answer(0, OptionalLong.empty()).send(content);
    BlobBody believed = get(early).value();
    assertThat(believed.size()).isEqualTo(333);
    Future<Buffer> cut = mirror.read(believed, 0, 333);
    ScriptedTransfer again = mirror.hub.nextTransfer();
    again.answer(0, OptionalLong.empty()).send(content).end();
    assertThatThrownBy(() -> get(cut)).hasMessageContaining("blob " + digest);
    get(mirror.downloads.idle());
    assertWhole(open());
    assertThat(mirror.hub.blobGets).hasValue(2);
  }

  @Test
  void aStoredBlobIsNotCondemnedByAWrongHint() throws Exception {
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
    get(mirror.index.apply(List.of(Tables.BLOBS.delete(digest))));
    link(333);
    Future<Served<BlobBody>> again = open();
    assertThat(get(again).provenance().result()).isEqualTo(CacheResult.HIT);
    assertWhole(again);
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void aStoredBlobIsNotCondemnedByAWrongEntryOfTheIndex() throws Exception {
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
    get(mirror.index.apply(List.of(Tables.BLOBS.put(digest, new BlobRecord(333, 0)))));
    Future<Served<BlobBody>> again = open();
    assertThat(get(again).provenance().result()).isEqualTo(CacheResult.HIT);
    assertWhole(again);
    assertThat(mirror.hub.blobGets).hasValue(1);
  }

  @Test
  void whatHeadSaysOnceIsNotBelievedForGood() throws Exception {
    mirror.hub.blobSizes.put(digest, 333L);
    assertThat(stat().size()).isEqualTo(333);
    assertThat(linkedSize()).isEqualTo(-1);
    mirror.hub.blobSizes.put(digest, (long) SIZE);
    assertThat(stat().size()).isEqualTo(SIZE);
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
  }

  @Test
  void headIsAnsweredFromTheDescriptorWithoutUpstream() throws Exception {
    link(SIZE);
    mirror.hub.breakWith(UpstreamOutcome.UNAUTHORIZED);
    assertThat(stat().size()).isEqualTo(SIZE);
    assertThat(mirror.hub.blobHeads).hasValue(0);
  }

  @Test
  void aRefusedHeadDoesNotRefuseTheGetAfterIt() throws Exception {
    assertThatThrownBy(this::stat).hasMessageContaining("404");
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content).end();
    assertWhole(answer);
  }

  @Test
  void aRangeOfWhatABrokenDownloadLeftIsServedWithoutUpstream() throws Exception {
    link(SIZE);
    Future<Served<BlobBody>> answer = open();
    mirror.hub.nextTransfer().answer(SIZE).send(content, 0, 700).breakOff();
    BlobBody body = get(answer).value();
    for (int i = 0; i < MirrorFixture.SETTINGS.retries().most(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    get(mirror.downloads.idle());
    body.close();
    int asked = mirror.hub.blobGets.get();
    BlobBody part = get(mirror.open(mirror.nginx(), digest, "bytes=100-699")).value();
    assertThat(part.size()).isEqualTo(SIZE);
    assertThat(get(mirror.read(part, 100, 700)))
        .isEqualTo(Buffer.buffer(content).getBuffer(100, 700));
    assertThat(mirror.hub.blobGets).hasValue(asked);
  }

  @Test
  void aManifestThatIsAskedForAsABlobKeepsItsType() throws Exception {
    byte[] json = "{\"schemaVersion\":2,\"manifests\":[]}".getBytes(StandardCharsets.UTF_8);
    Manifest manifest = new Manifest(Digest.ofSha256(json), MediaType.OCI_INDEX, json);
    digest = manifest.digest();
    get(
        mirror.index.apply(
            List.of(
                Tables.MANIFESTS.put(
                    new InRepository<>(mirror.hub.zone(), MirrorFixture.NGINX, manifest.digest()),
                    manifest))));
    assertThat(stat()).isEqualTo(new BlobStat(MediaType.OCI_INDEX, json.length));
    BlobBody body = get(open()).value();
    assertThat(body.mediaType()).isEqualTo(MediaType.OCI_INDEX);
    assertThat(get(mirror.readAll(body))).isEqualTo(Buffer.buffer(json));
    assertThat(mirror.hub.blobGets).hasValue(0);
  }

  @Test
  void aSmallBlobThatComesSlowlyIsSentAsItComesButNotItsEnd() throws Exception {
    mirror.close();
    mirror = new MirrorFixture(data, MirrorFixture.hastyToAnswer(), false);
    digest = Digest.ofSha256(java.util.Arrays.copyOf(content, 60));
    Future<Served<BlobBody>> answer = open();
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(60).send(content, 0, 59);
    BlobBody body = get(answer).value();
    assertThat(get(mirror.onLoop(() -> body.next(0, 60))).length()).isEqualTo(28);
    transfer.send(content, 59, 60).end();
    assertThat(get(mirror.readAll(body))).isEqualTo(Buffer.buffer(content).getBuffer(0, 60));
  }
}
