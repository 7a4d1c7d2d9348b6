package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.util.Objects;
import java.util.concurrent.Callable;

/**
 * Runs the checking and parsing of documents: of small ones at once on the caller's thread, of
 * large ones on two worker threads that all registries of a Vert.x share, so that no event loop
 * waits for them and at most two are parsed at a time. Thread-safe. Closed by its owner.
 */
public final class ParseExecutor implements AutoCloseable {
  /** Up to this many bytes a document is parsed on the caller's thread. */
  public static final int SMALL = 64 * 1024;

  /** How many large documents are parsed at a time. */
  static final int THREADS = 2;

  private final WorkerExecutor workers;

  /** The executor of this Vert.x; closing the last one stops the threads. */
  public ParseExecutor(Vertx vertx) {
    this.workers = vertx.createSharedWorkerExecutor("parse", THREADS);
  }

  /**
   * The result of the work, or what it throws; on the caller's context.
   *
   * @param size of the document, in bytes
   */
  public <T> Future<T> run(int size, Callable<T> work) {
    if (size > SMALL) {
      return workers.executeBlocking(work, false).map(Objects::requireNonNull);
    }
    Promise<T> result = Promise.promise();
    try {
      result.complete(work.call());
    } catch (Exception e) {
      result.fail(e);
    }
    return result.future();
  }

  @Override
  public void close() {
    workers.close();
  }
}
