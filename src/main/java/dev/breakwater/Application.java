package dev.breakwater;

import dev.breakwater.config.Config;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The composition root: makes the parts out of the configuration, knows them all, and closes them
 * in reverse order.
 */
final class Application implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Application.class);

  private final DataDirectoryLock lock;
  private final CountDownLatch terminated = new CountDownLatch(1);

  private Application(DataDirectoryLock lock) {
    this.lock = lock;
  }

  /** Starts everything, or nothing: after a failure nothing is left open. Blocks. */
  static Application start(Config config) throws StartupException {
    DataDirectoryLock lock = DataDirectoryLock.acquire(config.data().directory());
    log.atInfo().addKeyValue("directory", config.data().directory()).log("data directory locked");
    return new Application(lock);
  }

  /** Blocks until {@link #close()} has done its work. */
  void awaitTermination() throws InterruptedException {
    terminated.await();
  }

  /** Stops everything and blocks until it has stopped; idempotent, from any thread. */
  @Override
  public void close() {
    lock.close();
    terminated.countDown();
  }
}
