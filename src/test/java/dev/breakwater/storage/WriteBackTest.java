package dev.breakwater.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WriteBackTest {
  @TempDir Path directory;
  private final Deque<Runnable> tasks = new ArrayDeque<>();
  private FileChannel channel;
  private BlobFile file;
  private WriteBack writeBack;

  @BeforeEach
  void open() throws Exception {
    channel =
        FileChannel.open(
            directory.resolve("part"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    file = new BlobFile(channel, -1);
    writeBack = new WriteBack(file, tasks::add);
  }

  @Test
  void everySoManyBytesAreSyncedOnceAtATime() {
    writeBack.wrote(WriteBack.EVERY - 1);
    assertThat(tasks).isEmpty();
    writeBack.wrote(1);
    writeBack.wrote(WriteBack.EVERY);
    assertThat(tasks).hasSize(1);
    tasks.remove().run();
    writeBack.wrote(1);
    assertThat(tasks).hasSize(1);
  }

  @Test
  void theFileStaysOpenUntilTheSyncIsOver() {
    writeBack.wrote(WriteBack.EVERY);
    file.release();
    assertThat(channel.isOpen()).isTrue();
    tasks.remove().run();
    assertThat(channel.isOpen()).isFalse();
    assertThatCode(writeBack::check).doesNotThrowAnyException();
  }

  @Test
  void aFailedSyncIsNotForgotten() throws Exception {
    writeBack.wrote(WriteBack.EVERY);
    channel.close();
    tasks.remove().run();
    assertThatThrownBy(writeBack::check).isInstanceOf(IOException.class);
    assertThatThrownBy(writeBack::check).isInstanceOf(IOException.class);
  }
}
