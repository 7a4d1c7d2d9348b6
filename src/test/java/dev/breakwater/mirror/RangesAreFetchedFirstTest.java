package dev.breakwater.mirror;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** A range does not wait for the bytes before it. */
class RangesAreFetchedFirstTest extends BlobPulls {
  @Test
  void aRangeFarAheadIsFetchedAtOnceAndTheRestInTheBackground() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest, "bytes=1500-1599");
    ScriptedTransfer front = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    BlobBody body = get(open).value();
    Future<Buffer> middle = mirror.read(body, 1500, 1600);
    ScriptedTransfer far = mirror.hub.nextTransfer();
    assertThat(far.first).isEqualTo(1500);
    BlobBody whole = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> all = mirror.readAll(whole);
    far.answer(2000).send(content, 1500, 1600);
    assertThat(get(middle)).isEqualTo(Buffer.buffer(content).getBuffer(1500, 1600));
    far.send(content, 1600, 2000).end();
    front.send(content, 10, 1500);
    assertThat(get(all)).isEqualTo(Buffer.buffer(content));
    assertThat(front.cancelled.await(10, SECONDS)).as("front stops where the other began").isTrue();
    awaitStored();
  }

  @Test
  void anUpstreamThatIgnoresRangesServesARangeFromTheFront() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest, "bytes=1500-1599");
    ScriptedTransfer front = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    Future<Buffer> middle = mirror.read(get(open).value(), 1500, 1600);
    mirror.hub.nextTransfer().answer(0, OptionalLong.of(2000)).send(content).end();
    front.send(content, 10, 1500).end();
    ScriptedTransfer rest = mirror.hub.nextTransfer();
    rest.answer(0, OptionalLong.of(2000)).send(content).end();
    assertThat(get(middle)).isEqualTo(Buffer.buffer(content).getBuffer(1500, 1600));
  }
}
