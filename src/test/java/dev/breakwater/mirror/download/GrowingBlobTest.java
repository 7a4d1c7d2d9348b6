package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.registry.Region;
import dev.breakwater.storage.PresentRanges;
import io.vertx.core.buffer.Buffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GrowingBlobTest {
  private static final int SIZE = 200_000;

  @TempDir Path directory;
  private final DownloadMemory memory = new DownloadMemory(1 << 20);
  private final byte[] truth = new byte[SIZE];
  private FileChannel file;
  private GrowingBlob bytes;

  @BeforeEach
  void open() throws Exception {
    new Random(1).nextBytes(truth);
    file =
        FileChannel.open(
            directory.resolve("part"), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    bytes = new GrowingBlob(file, new PresentRanges(), memory);
  }

  @AfterEach
  void close() throws Exception {
    file.close();
  }

  private Buffer truth(int from, int to) {
    return Buffer.buffer().appendBytes(truth, from, to - from);
  }

  private Buffer found(long from, long to) {
    return ((Region.OfBuffer) bytes.find(from, to).orElseThrow()).buffer();
  }

  @Test
  void singleBytesAreGatheredAndCostLittleMoreThanTheyAre() {
    for (int i = 0; i < SIZE; i++) {
      bytes.add(i, truth(i, i + 1));
    }
    assertThat(bytes.prefix()).isEqualTo(SIZE);
    assertThat(bytes.backlog()).isEqualTo(SIZE);
    assertThat(memory.bytes()).isLessThan(SIZE + 2 * 16 * 1024);
    int pieces = 0;
    for (long at = 0; at < SIZE; at += found(at, SIZE).length()) {
      assertThat(found(at, SIZE)).isEqualTo(truth((int) at, (int) at + found(at, SIZE).length()));
      pieces++;
    }
    assertThat(pieces).isLessThanOrEqualTo(SIZE / 16_384 + 1);
  }

  @Test
  void whatWasHandedOutDoesNotChangeWhenMoreIsGathered() {
    bytes.add(0, truth(0, 10));
    Buffer first = found(0, SIZE);
    bytes.add(10, truth(10, 25));
    assertThat(first).isEqualTo(truth(0, 10));
    assertThat(found(0, SIZE)).isEqualTo(truth(0, 25));
    assertThat(found(12, 20)).isEqualTo(truth(12, 20));
  }

  @Test
  void nothingIsAddedToWhatTheWriterHas() {
    bytes.add(0, truth(0, 10));
    Batch batch = bytes.nextBatch(1 << 18, 0).orElseThrow();
    bytes.add(10, truth(10, 25));
    assertThat(batch.buffers().getFirst()).isEqualTo(truth(0, 10));
    bytes.done(batch, true);
    Optional<Batch> next = bytes.nextBatch(1 << 18, 10);
    assertThat(next.orElseThrow().offset()).isEqualTo(10);
    assertThat(next.orElseThrow().buffers().getFirst()).isEqualTo(truth(10, 25));
  }

  @Test
  void largePiecesAreKeptAsTheyCame() {
    Buffer large = truth(0, 100_000);
    bytes.add(0, large);
    assertThat(found(0, SIZE)).isSameAs(large);
  }
}
