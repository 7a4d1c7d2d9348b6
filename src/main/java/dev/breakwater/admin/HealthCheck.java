package dev.breakwater.admin;

import io.vertx.core.Future;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * One thing that must be well.
 *
 * @param name a word or two for the list of checks
 * @param check asks; fails with the reason if it is not well. Called from an event loop, so it must
 *     not block. Never about upstream: a mirror with a dead upstream must stay in rotation.
 * @param degradation what is not as it should be although the check passes, for the details; must
 *     not block
 */
public record HealthCheck(
    String name, Supplier<Future<Void>> check, Supplier<Optional<String>> degradation) {
  /** One that is well or not. */
  public HealthCheck(String name, Supplier<Future<Void>> check) {
    this(name, check, Optional::empty);
  }

  /** One that only tells what is degraded, and never fails. */
  public static HealthCheck detail(String name, Supplier<Optional<String>> degradation) {
    return new HealthCheck(name, Future::succeededFuture, degradation);
  }
}
