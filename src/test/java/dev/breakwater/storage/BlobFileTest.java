package dev.breakwater.storage;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BlobFileTest {
  @TempDir Path directory;

  private BlobFile open() throws IOException {
    Path file = Files.write(directory.resolve("blob"), new byte[1]);
    return new BlobFile(FileChannel.open(file, StandardOpenOption.READ), 1);
  }

  @Test
  void theLastReleaseClosesTheFile() throws IOException {
    BlobFile file = open();
    AtomicInteger closed = new AtomicInteger();
    file.whenClosed(closed::incrementAndGet);
    assertThat(file.tryAcquire()).isTrue();
    file.release();
    assertThat(file.channel().isOpen()).isTrue();
    file.release();
    assertThat(file.channel().isOpen()).isFalse();
    assertThat(closed).hasValue(1);
  }

  @Test
  void aClosedFileIsNotHandedOut() throws IOException {
    BlobFile file = open();
    file.release();
    assertThat(file.tryAcquire()).isFalse();
    assertThatThrownBy(file::acquire).isInstanceOf(IllegalStateException.class);
  }

  /** Each thread takes what it can get, and must find it open until it has given it back. */
  @Test
  void aFileIsOpenAsLongAsAThreadHasIt() throws Exception {
    int threads = 4;
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      for (int round = 0; round < 2_000; round++) {
        BlobFile file = open();
        CountDownLatch start = new CountDownLatch(1);
        List<Future<Boolean>> outcomes = new ArrayList<>();
        for (int i = 0; i < threads; i++) {
          outcomes.add(
              executor.submit(
                  () -> {
                    start.await();
                    if (!file.tryAcquire()) {
                      return true;
                    }
                    boolean open = file.channel().isOpen();
                    file.release();
                    return open;
                  }));
        }
        start.countDown();
        file.release();
        for (Future<Boolean> outcome : outcomes) {
          assertThat(outcome.get(10, SECONDS)).isTrue();
        }
        assertThat(file.channel().isOpen()).isFalse();
      }
    }
  }
}
