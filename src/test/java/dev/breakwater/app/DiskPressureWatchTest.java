package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.storage.DiskBudget;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class DiskPressureWatchTest {
  private static final long MIB = 1 << 20;
  private static final long USED = 54 * MIB;

  private final Logger logger = (Logger) LoggerFactory.getLogger(DiskPressureWatch.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final AtomicLong free = new AtomicLong(1000 * MIB);
  private final DiskBudget budget = new DiskBudget(100 * MIB, 5 * MIB, USED, this::free);
  private final DiskPressureWatch watch = new DiskPressureWatch(Path.of("/data"), budget::standing);

  private long free() throws IOException {
    if (free.get() < 0) {
      throw new IOException("gone");
    }
    return free.get();
  }

  @BeforeEach
  void listen() {
    logger.setLevel(Level.INFO);
    lines.start();
    logger.addAppender(lines);
  }

  @AfterEach
  void stopListening() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  @Test
  void eachChangeOfStateIsLoggedOnceThoughEvictionMakesALittleRoom() {
    watch.probe();
    assertThat(watch.isPressed()).isFalse();
    assertThat(watch.degradation()).isEmpty();
    // Another process fills the volume, and the cache shrinks until enough is free again.
    free.set(0);
    watch.probe();
    assertThat(watch.isPressed()).isTrue();
    budget.freed(budget.shortage());
    free.set(6 * MIB);
    watch.probe();
    watch.probe();
    assertThat(watch.degradation().orElseThrow())
        .contains("the cache can have 49.9 MiB of 100.0 MiB", "5.0 MiB stay free");
    free.set(1000 * MIB);
    watch.probe();
    watch.probe();
    assertThat(watch.isPressed()).isFalse();
    assertThat(lines.list)
        .satisfiesExactly(
            line -> {
              assertThat(line.getLevel()).isEqualTo(Level.WARN);
              assertThat(line.getFormattedMessage())
                  .contains("volume of /data", "49.0 MiB of 100.0 MiB", "free space");
            },
            line -> {
              assertThat(line.getLevel()).isEqualTo(Level.INFO);
              assertThat(line.getFormattedMessage()).contains("can grow to 100.0 MiB");
            });
  }

  @Test
  void othersThatLeaveTheCacheRoomToGrowAreNoPressure() {
    free.set(30 * MIB);
    watch.probe();
    assertThat(watch.isPressed()).isFalse();
  }

  @Test
  void aCacheThatIsNearlyAsLargeAsItMayBeIsNotPressed() {
    DiskBudget full = new DiskBudget(100 * MIB, 5 * MIB, 92 * MIB, () -> 5 * MIB);
    DiskPressureWatch other = new DiskPressureWatch(Path.of("/data"), full::standing);
    other.probe();
    assertThat(other.isPressed()).isFalse();
  }

  @Test
  void aFileSystemThatDoesNotTellChangesNothing() {
    free.set(0);
    watch.probe();
    free.set(-1);
    watch.probe();
    assertThat(watch.isPressed()).isTrue();
    assertThat(messages()).hasSize(1);
  }

  private List<String> messages() {
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }
}
