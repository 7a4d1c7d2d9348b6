package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.Tables;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import dev.breakwater.registry.Served;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A disk that is full or broken slows pulls down and does not stop them. */
class FullDiskStopsNoPullTest extends BlobPulls {
  @Test
  void aDiskThatTakesNoFileStopsNoPull() throws Exception {
    Files.delete(data.resolve("downloads"));
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(open)).isEqualTo(Buffer.buffer(content));
    awaitNoDownload();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isEmpty();

    Files.createDirectories(new StorageLayout(data).downloads());
    Future<Served<BlobBody>> again = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(again)).isEqualTo(Buffer.buffer(content));
    awaitStored();
  }

  @Test
  void aFullCacheStreamsThroughAndKeepsNothing() throws Exception {
    mirror.room.set(0);
    Future<Served<BlobBody>> first = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    BlobBody second = get(mirror.open(mirror.nginx(), digest)).value();
    Future<Buffer> answer = mirror.readAll(get(first).value());
    Future<Buffer> shared = mirror.readAll(second);
    transfer.send(content, 1000, 2000).end();
    assertThat(get(answer)).isEqualTo(Buffer.buffer(content));
    assertThat(get(shared)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.hub.blobGets).hasValue(1);
    awaitNoDownload();
    assertThat(mirror.store.contains(digest)).isFalse();
    assertThat(data.resolve("downloads")).isEmptyDirectory();
    assertThat(mirror.budget.used()).isZero();

    mirror.room.set(1 << 30);
    Future<Served<BlobBody>> later = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(later)).isEqualTo(Buffer.buffer(content));
    awaitStored();
    assertThat(mirror.budget.used()).as("a block").isEqualTo(4096);
  }

  @Test
  void whoComesTooLateForAnUncachedDownloadGetsOneOfItsOwn() throws Exception {
    mirror.room.set(0);
    Future<Served<BlobBody>> early = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer first = mirror.hub.nextTransfer().answer(2000).send(content, 0, 1000);
    BlobBody body = get(early).value();
    get(mirror.read(mirror.keepingOpen(body), 0, 1000));
    awaitUncached();
    List<Future<Region>> next = new ArrayList<>();
    get(
        mirror.onLoop(
            () -> {
              next.add(body.next(1000, 2000));
              return Future.succeededFuture(true);
            }));
    Future<Served<BlobBody>> late = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(late)).isEqualTo(Buffer.buffer(content));
    first.send(content, 1000, 2000).end();
    get(next.getFirst());
    assertThat(get(mirror.read(body, 1000, 2000)))
        .isEqualTo(Buffer.buffer(content).getBuffer(1000, 2000));
  }

  private void awaitUncached() {
    Eventually.until(
        "the download is uncached", () -> !mirror.downloads.list().getFirst().cached());
  }
}
