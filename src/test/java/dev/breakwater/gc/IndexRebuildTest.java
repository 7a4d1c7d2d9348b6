package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.Index;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IndexRebuildTest {
  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final AtomicInteger completions = new AtomicInteger();
  private BlobStore store;

  @BeforeEach
  void open() throws Exception {
    store = BlobStore.open(vertx, new StorageLayout(data));
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    vertx.close().await(10, SECONDS);
  }

  @Test
  void everyBlobOnDiskIsInTheIndexAgain() throws Exception {
    List<Digest> blobs = new ArrayList<>();
    for (int i = 0; i < 1234; i++) {
      blobs.add(store(ByteBuffer.allocate(4).putInt(i).array()));
    }
    try (Index index = new MemoryIndex()) {
      IndexRebuild.start(store, index, Clock.systemUTC(), completions::incrementAndGet).join();
      assertThat(completions).hasValue(1);
      for (Digest blob : blobs) {
        assertThat(index.blob(blob).orElseThrow().size()).isEqualTo(4);
      }
    }
  }

  @Test
  void anIndexThatTakesNoWritesIsNotTakenForRebuilt() throws Exception {
    store(new byte[1]);
    Index closed = new MemoryIndex();
    closed.close();
    IndexRebuild.start(store, closed, Clock.systemUTC(), completions::incrementAndGet).join();
    assertThat(completions).hasValue(0);
  }

  private Digest store(byte[] bytes) throws Exception {
    Digest digest = Digest.ofSha256(bytes);
    try (PartFile part = store.openPart(digest).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      part.commit(bytes.length);
    }
    return digest;
  }
}
