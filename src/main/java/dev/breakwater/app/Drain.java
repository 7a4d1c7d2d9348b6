package dev.breakwater.app;

import dev.breakwater.http.RegistryServer;
import dev.breakwater.oci.Amounts;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The first step of a stop: no client is let in any more, and the transfers under way end within a
 * grace, or are cut. The log says so.
 */
final class Drain {
  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** How long connections that were cut may take to close. */
  private static final Duration CUT = Duration.ofSeconds(2);

  /** What is to end. */
  interface Transfers {
    /** How many there are now. */
    int count();

    /**
     * Lets no more begin, and each that is under way end.
     *
     * @return completes when all have ended; they are cut after {@code limit} in any case
     */
    Future<Void> end(Duration limit);

    /** Cuts all that are left, soon. */
    void cut();
  }

  /** Waits for a future by a clock. */
  interface Waiting {
    /** Blocks until the future is complete, or for so long: whether it is complete. */
    boolean await(Future<Void> future, Duration atMost);
  }

  private final Duration grace;
  private final Waiting waiting;

  Drain(Duration grace, Waiting waiting) {
    this.grace = grace;
    this.waiting = waiting;
  }

  /** By the clock of the machine. */
  static Drain within(Duration grace) {
    return new Drain(grace, Drain::awaitForReal);
  }

  /** The transfers of all listeners. */
  static Transfers of(List<RegistryServer> servers) {
    return new Transfers() {
      @Override
      public int count() {
        return servers.stream().mapToInt(RegistryServer::transfers).sum();
      }

      @Override
      public Future<Void> end(Duration limit) {
        return Future.join(servers.stream().map(server -> server.drain(limit)).toList()).mapEmpty();
      }

      @Override
      public void cut() {
        servers.forEach(RegistryServer::cut);
      }
    };
  }

  /** Blocks until no transfer is under way, for little longer than the grace. */
  void run(Transfers transfers) {
    Future<Void> ended = transfers.end(grace.plus(CUT));
    int begun = transfers.count();
    if (begun == 0) {
      log.info("stopping: no transfer is under way");
    } else {
      log.info(
          "stopping: waiting up to {} for {}",
          Amounts.seconds(grace),
          Amounts.count(begun, "transfer"));
    }
    if (waiting.await(ended, grace)) {
      return;
    }
    int left = transfers.count();
    if (left > 0) {
      log.warn(
          "cut {}: not finished {} after the stop began (shutdown.grace)",
          Amounts.count(left, "transfer"),
          Amounts.seconds(grace));
    }
    transfers.cut();
    waiting.await(ended, CUT);
  }

  private static boolean awaitForReal(Future<Void> future, Duration atMost) {
    try {
      future.otherwiseEmpty().await(atMost.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    }
  }
}
