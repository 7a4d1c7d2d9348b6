package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class PaceGuardTest {
  private long nanos;
  private final PaceGuard guard =
      new PaceGuard(ServerSettings.Limits.DEFAULTS, () -> nanos); // 1 KiB/s over 5 minutes

  private static final class FakeReader implements PaceGuard.Reader {
    long taken;
    boolean waits = true;
    boolean cutOff;

    @Override
    public long taken() {
      return taken;
    }

    @Override
    public boolean waitsForClient() {
      return waits;
    }

    @Override
    public void cutOff() {
      cutOff = true;
    }
  }

  private void pass(Duration time, FakeReader reader, long bytes) {
    nanos += TimeUnit.MILLISECONDS.toNanos(time.toMillis());
    reader.taken += bytes;
    guard.sweep();
  }

  private final FakeReader reader = new FakeReader();

  @Test
  void readerBelowTheMinimumIsCutOffWhenPatienceEnds() {
    guard.watch(reader);
    pass(Duration.ofSeconds(299), reader, 1000);
    assertThat(reader.cutOff).isFalse();
    pass(Duration.ofSeconds(1), reader, 1000);
    assertThat(reader.cutOff).isTrue();
  }

  @Test
  void readerAtTheMinimumGoesOnForEver() {
    guard.watch(reader);
    for (int i = 0; i < 100; i++) {
      pass(Duration.ofSeconds(60), reader, 60 * 1024);
    }
    assertThat(reader.cutOff).isFalse();
  }

  @Test
  void eachStretchOfPatienceIsMeasuredAnew() {
    guard.watch(reader);
    pass(Duration.ofMinutes(5), reader, 1_000_000_000);
    pass(Duration.ofMinutes(5), reader, 100);
    assertThat(reader.cutOff).isTrue();
  }

  @Test
  void timeSpentWaitingForUpstreamDoesNotCount() {
    guard.watch(reader);
    reader.waits = false;
    pass(Duration.ofMinutes(60), reader, 0);
    reader.waits = true;
    pass(Duration.ofMinutes(4), reader, 0);
    assertThat(reader.cutOff).isFalse();
  }

  @Test
  void forgottenReaderIsLeftAlone() {
    guard.watch(reader);
    guard.forget(reader);
    pass(Duration.ofMinutes(60), reader, 0);
    assertThat(reader.cutOff).isFalse();
  }
}
