package dev.breakwater.app;

import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicBoolean;

/** Something that blocks and is done now and then on a worker thread, one at a time. */
final class PeriodicProbe {
  private PeriodicProbe() {}

  /** Does it now, on the caller's thread, and from then on regularly until Vert.x ends. */
  static void start(Vertx vertx, Duration interval, Runnable probe) {
    probe.run();
    AtomicBoolean probing = new AtomicBoolean();
    vertx.setPeriodic(
        interval.toMillis(),
        timer -> {
          // A disk that hangs must not have one probe after the other waiting for it.
          if (probing.compareAndSet(false, true)) {
            vertx
                .<Void>executeBlocking(
                    () -> {
                      probe.run();
                      return null;
                    },
                    false)
                .onComplete(done -> probing.set(false));
          }
        });
  }
}
