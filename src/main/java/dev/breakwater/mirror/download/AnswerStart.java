package dev.breakwater.mirror.download;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Decides when the answers of a download may begin: when upstream sends and the size is known. A
 * small blob is proven first, so that a wrong one ends in a clean error, unless it takes long.
 * Confined to the download's context, but for {@link #size}.
 */
final class AnswerStart {
  private final DownloadSettings.Answers settings;
  private final Promise<Long> size = Promise.promise();
  private boolean proofIsLate;

  AnswerStart(DownloadSettings.Answers settings) {
    this.settings = settings;
  }

  /**
   * Begins to wait.
   *
   * @param known the blob's size as far as it is known, or -1
   * @param answered whether upstream has begun to send
   */
  void begin(Vertx vertx, LongSupplier known, BooleanSupplier answered) {
    long headers =
        vertx.setTimer(
            settings.headers().toMillis(), timer -> beginOnTheManifestsWord(known.getAsLong()));
    long proof =
        vertx.setTimer(
            settings.provePatience().toMillis(),
            timer -> {
              proofIsLate = true;
              if (answered.getAsBoolean()) {
                answered(known.getAsLong());
              }
            });
    size.future()
        .onComplete(
            ignored -> {
              vertx.cancelTimer(headers);
              vertx.cancelTimer(proof);
            });
  }

  private void beginOnTheManifestsWord(long known) {
    if (known > settings.proveFirst()) {
      size.tryComplete(known);
    }
  }

  /** Upstream sends a blob of this size, or -1. */
  void answered(long total) {
    if (total > settings.proveFirst() || (proofIsLate && total >= 0)) {
      size.tryComplete(total);
    }
  }

  /** The digest is right. */
  void proven(long total) {
    size.tryComplete(total);
  }

  /** There will be nothing to send. */
  void failed(Throwable cause) {
    size.tryFail(cause);
  }

  /** Whether answers have begun, or never will. */
  boolean isDecided() {
    return size.future().isComplete();
  }

  /** Whether answers have begun. */
  boolean hasBegun() {
    return size.future().succeeded();
  }

  /** The blob's size, when answers may begin. On any thread. */
  Future<Long> size() {
    return size.future();
  }
}
