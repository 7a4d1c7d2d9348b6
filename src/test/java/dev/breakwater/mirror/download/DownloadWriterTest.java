package dev.breakwater.mirror.download;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.storage.PartFile;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The disk's side of a download, on a real disk. */
class DownloadWriterTest {
  private static final int SIZE = 6000;

  @TempDir Path data;
  private final byte[] content = new byte[SIZE];
  private final BlockingQueue<Event> events = new LinkedBlockingQueue<>();
  private Digest digest;
  private DownloadFixture fixture;
  private GrowingBlob bytes;
  private DownloadWriter writer;

  @BeforeEach
  void start() throws Exception {
    new Random(9).nextBytes(content);
    digest = Digest.ofSha256(content);
    fixture = new DownloadFixture(data);
    DownloadParts parts = fixture.parts(digest);
    bytes = new GrowingBlob(parts.file().file().channel(), parts.file().present(), parts.memory());
    writer =
        new DownloadWriter(
            parts,
            bytes,
            event -> {
              if (!(event instanceof Event.Progressed)) {
                events.add(event);
              }
            });
  }

  @AfterEach
  void stop() throws Exception {
    fixture.close();
  }

  private void arrive(byte[] of, int from, int to) {
    bytes.add(from, Buffer.buffer(java.util.Arrays.copyOfRange(of, from, to)));
    writer.write();
  }

  private <T extends Event> T next(Class<T> kind) throws Exception {
    Event event = events.poll(10, SECONDS);
    assertThat(event).isInstanceOf(kind);
    return kind.cast(event);
  }

  @Test
  void whatComesOutOfOrderIsProvenAndCommittedWhenItIsTold() throws Exception {
    writer.begin(SIZE);
    writer.begin(SIZE);
    arrive(content, 3000, SIZE);
    arrive(content, 0, 3000);
    writer.finish(SIZE);
    next(Event.Proven.class);
    assertThat(fixture.store.contains(digest)).isFalse();
    writer.commit(SIZE);
    next(Event.Committed.class);
    assertThat(fixture.store.contains(digest)).isTrue();
    assertThat(fixture.budget.used()).isEqualTo(8192);
    writer.release();
    next(Event.FileClosed.class);
  }

  @Test
  void wrongBytesAreToldAndMayComeAnew() throws Exception {
    writer.begin(SIZE);
    arrive(new byte[SIZE], 0, SIZE);
    writer.finish(SIZE);
    assertThat(next(Event.Mismatched.class).cause()).hasMessageContaining("library/nginx");
    bytes.clear();
    writer.restart();
    arrive(content, 0, SIZE);
    writer.finish(SIZE);
    next(Event.Proven.class);
    writer.close(false);
    next(Event.FileClosed.class);
  }

  @Test
  void tooFewBytesAreNoProof() throws Exception {
    writer.begin(SIZE);
    arrive(content, 0, 3000);
    writer.finish(SIZE);
    next(Event.Mismatched.class);
    writer.close(false);
    next(Event.FileClosed.class);
  }

  @Test
  void withoutRoomItGoesOnHashingAndCommitsNothing() throws Exception {
    fixture.room.set(0);
    writer.begin(SIZE);
    assertThat(next(Event.DiskRefused.class).cause().why()).contains("no room");
    arrive(content, 0, SIZE);
    writer.finish(SIZE);
    next(Event.Proven.class);
    writer.commit(SIZE);
    writer.close(true);
    next(Event.FileClosed.class);
    assertThat(fixture.store.contains(digest)).isFalse();
    assertThat(fixture.budget.used()).isZero();
  }

  @Test
  void whatIsKeptIsFoundByTheNextDownload() throws Exception {
    writer.begin(SIZE);
    arrive(content, 0, 3000);
    writer.close(true);
    next(Event.FileClosed.class);
    assertThat(fixture.budget.used()).isPositive();
    try (PartFile again = fixture.store.parts().open(digest).orElseThrow()) {
      assertThat(again.present().total()).isEqualTo(3000);
    }
  }

  @Test
  void whatIsNotKeptIsRemoved() throws Exception {
    writer.begin(SIZE);
    arrive(content, 0, 3000);
    writer.close(false);
    next(Event.FileClosed.class);
    assertThat(Files.exists(fixture.partFile(digest))).isFalse();
    assertThat(fixture.budget.used()).isZero();
  }

  @Test
  void moreBytesThanWereToldTakeMoreRoom() throws Exception {
    writer.begin(10);
    arrive(content, 0, SIZE);
    writer.finish(SIZE);
    next(Event.Proven.class);
    writer.commit(SIZE);
    next(Event.Committed.class);
    assertThat(fixture.budget.used()).isEqualTo(8192);
    writer.release();
    next(Event.FileClosed.class);
  }

  @Test
  void withTooManySyncsWaitingTheBlobIsNotKept() throws Exception {
    java.util.concurrent.CountDownLatch synced = new java.util.concurrent.CountDownLatch(1);
    try {
      while (true) {
        fixture.store.parts().threads().committers().execute(() -> await(synced));
      }
    } catch (java.util.concurrent.RejectedExecutionException full) {
      writer.begin(SIZE);
      arrive(content, 0, SIZE);
      writer.finish(SIZE);
      next(Event.Proven.class);
      writer.commit(SIZE);
      assertThat(next(Event.DiskRefused.class).cause().why()).contains("too many blobs wait");
      writer.close(false);
      next(Event.FileClosed.class);
    } finally {
      synced.countDown();
    }
  }

  private static void await(java.util.concurrent.CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
