package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A transfer that breaks is gone on from the bytes that are here. */
class BrokenTransfersAreResumedTest extends BlobPulls {
  @Test
  void aTransferThatBreaksIsTakenUpWhereItBroke() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    ScriptedTransfer second = mirror.hub.nextTransfer();
    assertThat(second.first).isEqualTo(700);
    second.answer(2000).send(content, 700, 701).breakOff();
    mirror.hub.nextTransfer().answer(2000).send(content, 701, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    awaitStored();
  }

  @Test
  void anUpstreamThatIgnoresTheRangeIsReadFromItsStart() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror
        .hub
        .nextTransfer()
        .answer(0, OptionalLong.of(2000))
        .send(content, 0, 500)
        .send(content, 500, 2000)
        .end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void aTransferThatEndsTooSoonIsNoEnd() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).end();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    mirror.hub.nextTransfer().answer(2000).send(content, 700, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void anUpstreamThatKeepsBreakingEndsTheAnswerShort() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    Future<Buffer> answer = mirror.readAll(get(open).value());
    for (int i = 0; i < MirrorFixture.SETTINGS.retries().most(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    assertThatThrownBy(() -> get(answer)).hasMessageContaining("scripted connect");
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
  }

  @Test
  void whatABrokenDownloadLeftIsNotFetchedAgain() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content, 0, 700).breakOff();
    BlobBody body = get(open).value();
    for (int i = 0; i < MirrorFixture.SETTINGS.retries().most(); i++) {
      mirror.hub.nextTransfer().refuse(UpstreamOutcome.CONNECT);
    }
    awaitNoDownload();
    body.close();

    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    assertThat(rest.first).as("the last byte again, to learn the size").isEqualTo(699);
    rest.answer(2000).send(content, 699, 2000).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
  }
}
