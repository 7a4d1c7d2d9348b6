package dev.breakwater.mirror;

import dev.breakwater.upstream.UpstreamHealth;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The choice between an old answer that is here and a new one that upstream has to be asked for: a
 * registry that is slow or dead must not hold up what is cached.
 */
final class StaleFallback {
  private StaleFallback() {}

  /**
   * The new answer if it comes within upstream's patience, else the old one. What was asked goes on
   * all the same, for those who come later. Completes on the current context.
   *
   * @param renewed asks; not called while upstream is known to be unavailable
   * @param old makes the old answer, from the trouble in one word
   */
  static <T> Future<T> choose(
      Vertx vertx,
      UpstreamHealth health,
      Supplier<Future<T>> renewed,
      Function<String, Future<T>> old) {
    if (!health.mayAsk()) {
      return old.apply(health.trouble());
    }
    Future<T> answer = renewed.get();
    if (answer.isComplete()) {
      return answer;
    }
    long patience = health.patience().toMillis();
    return patience <= 0
        ? old.apply(health.trouble())
        : within(vertx, patience, answer, () -> old.apply(health.trouble()));
  }

  private static <T> Future<T> within(
      Vertx vertx, long millis, Future<T> answer, Supplier<Future<T>> old) {
    Promise<T> first = Promise.promise();
    long timer = vertx.setTimer(millis, id -> old.get().onSuccess(first::tryComplete));
    answer.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.succeeded()) {
            first.tryComplete(result.result());
          } else {
            first.tryFail(result.cause());
          }
        });
    return first.future();
  }

  /**
   * The answer if it comes in time; if it comes later, it is handed to {@code late}. For what a
   * client waits for: it gives up after 30 s.
   */
  static <T> Future<T> inTime(
      Vertx vertx,
      long millis,
      Future<T> answer,
      Supplier<? extends Throwable> tooLate,
      Consumer<T> late) {
    if (answer.isComplete()) {
      return answer;
    }
    Promise<T> first = Promise.promise();
    long timer = vertx.setTimer(Math.max(1, millis), id -> first.tryFail(tooLate.get()));
    answer.onComplete(
        result -> {
          vertx.cancelTimer(timer);
          if (result.failed()) {
            first.tryFail(result.cause());
          } else if (!first.tryComplete(result.result())) {
            late.accept(result.result());
          }
        });
    return first.future();
  }
}
