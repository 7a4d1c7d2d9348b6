package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import dev.breakwater.testing.TurnedClock;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** How transfers end when the server stops, by a clock that the test turns. */
class DrainTest {
  private static final Duration GRACE = Duration.ofSeconds(25);

  private final Logger logger = (Logger) LoggerFactory.getLogger(Drain.class);
  private final ListAppender<ILoggingEvent> lines = new ListAppender<>();
  private final TurnedClock clock = TurnedClock.standing();
  private final Instant begin = clock.instant();
  private final Pulls pulls = new Pulls();

  /** When the pulls that are still under way end by themselves. */
  private Duration need = Duration.ofDays(1);

  private static final class Pulls implements Drain.Transfers {
    private final Promise<Void> ended = Promise.promise();
    private int count;
    private boolean isOpen = true;
    private boolean wasCut;

    @Override
    public int count() {
      return count;
    }

    @Override
    public Future<Void> end(Duration limit) {
      isOpen = false;
      assertThat(limit).as("what cuts them in any case comes later").isGreaterThan(GRACE);
      if (count == 0) {
        over();
      }
      return ended.future();
    }

    @Override
    public void cut() {
      wasCut = true;
      over();
    }

    void over() {
      count = 0;
      ended.tryComplete();
    }
  }

  private boolean await(Future<Void> future, Duration atMost) {
    if (!future.isComplete() && need.compareTo(atMost) <= 0) {
      clock.turn(need);
      pulls.over();
    } else if (!future.isComplete()) {
      clock.turn(atMost);
      need = need.minus(atMost);
    }
    return future.isComplete();
  }

  @BeforeEach
  void listen() {
    lines.start();
    logger.setLevel(Level.INFO);
    logger.addAppender(lines);
  }

  @AfterEach
  void forget() {
    logger.detachAppender(lines);
    logger.setLevel(null);
  }

  private List<String> run() {
    new Drain(GRACE, this::await).run(pulls);
    assertThat(pulls.isOpen).isFalse();
    return lines.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
  }

  private Duration taken() {
    return Duration.between(begin, clock.instant());
  }

  @Test
  void withoutTransfersItEndsAtOnce() {
    assertThat(run()).containsExactly("stopping: no transfer is under way");
    assertThat(taken()).isZero();
  }

  @Test
  void aTransferThatEndsWithinTheGraceIsNotCut() {
    pulls.count = 1;
    need = Duration.ofSeconds(24);

    assertThat(run()).containsExactly("stopping: waiting up to 25 s for 1 transfer");
    assertThat(pulls.wasCut).isFalse();
    assertThat(taken()).isEqualTo(Duration.ofSeconds(24));
  }

  @Test
  void transfersThatTakeLongerAreCutWhenTheGraceIsOver() {
    pulls.count = 2;

    assertThat(run())
        .containsExactly(
            "stopping: waiting up to 25 s for 2 transfers",
            "cut 2 transfers: not finished 25 s after the stop began (shutdown.grace)");
    assertThat(pulls.wasCut).isTrue();
    assertThat(taken()).isEqualTo(GRACE);
  }
}
