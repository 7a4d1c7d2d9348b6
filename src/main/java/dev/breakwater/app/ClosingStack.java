package dev.breakwater.app;

import dev.breakwater.oci.DiskReason;
import io.vertx.core.Future;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is open, to be closed last in, first out; one that fails does not keep the others open. */
final class ClosingStack implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(ClosingStack.class);
  private static final long SECONDS_EACH = 45;

  /** Closes one thing. */
  interface Closing {
    void close() throws Exception;
  }

  private record Entry(String name, Closing closing) {}

  private final Deque<Entry> entries = new ArrayDeque<>();

  /** Opened just now. */
  void push(String name, Closing closing) {
    entries.push(new Entry(name, closing));
  }

  /** Opened just now; what closes it is waited for, within bounds. */
  void pushAwaited(String name, Supplier<Future<Void>> closing) {
    push(name, () -> closing.get().await(SECONDS_EACH, TimeUnit.SECONDS));
  }

  @Override
  public void close() {
    while (!entries.isEmpty()) {
      Entry entry = entries.pop();
      try {
        entry.closing().close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception e) {
        log.warn("{} could not be closed: {}", entry.name(), DiskReason.of(e));
      }
    }
  }
}
