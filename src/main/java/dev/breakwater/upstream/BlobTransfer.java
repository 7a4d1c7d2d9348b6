package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.buffer.Buffer;
import java.util.OptionalLong;

/**
 * A blob's bytes on their way from upstream: answer head seen, body to come. All calls and all
 * callbacks are on the context that opened it. It starts paused.
 *
 * <p>While it is not paused it watches its own pace: no byte for the stall limit, or less than the
 * floor rate over its window, ends it with {@link UpstreamOutcome#TIMEOUT} (Vert.x' own client
 * timeouts do not cover a body that stalls, or punish our own pauses:
 * docs/findings.md#client-timeouts).
 */
public interface BlobTransfer {
  /** Offset in the blob of the first byte to come; 0 if upstream ignored a range. */
  long offset();

  /** The size of the whole blob, if upstream said. */
  OptionalLong totalSize();

  /** How many bytes are to come, if upstream said. */
  OptionalLong length();

  /** Takes each piece as it comes, up to 64 KiB; the buffer is the receiver's. Set once. */
  BlobTransfer handler(Handler<Buffer> handler);

  /**
   * Completes after the last piece when upstream ended the body properly at its announced length;
   * fails with {@link UpstreamException} when it broke off, stalled, sent too much, or was
   * cancelled.
   */
  Future<Void> completion();

  /** Stops the flow for as long as wanted. */
  void pause();

  /** Lets it flow. */
  void resume();

  /** Gives up: the connection is closed, {@link #completion()} fails. Idempotent. */
  void cancel();
}
