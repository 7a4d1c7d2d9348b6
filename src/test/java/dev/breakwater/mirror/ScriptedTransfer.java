package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Handler;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;

/** A download whose bytes the test sends by hand. */
public final class ScriptedTransfer implements BlobTransfer {
  final Digest digest;
  final long first;
  final OptionalLong last;
  final CountDownLatch cancelled = new CountDownLatch(1);
  private final Context context;
  private final Promise<BlobTransfer> head = Promise.promise();
  private final Promise<Void> completion = Promise.promise();
  private final Deque<Runnable> held = new ArrayDeque<>();
  private Handler<Buffer> handler = ignored -> {};
  private boolean paused = true;
  private long offset;
  private OptionalLong total = OptionalLong.empty();

  public ScriptedTransfer(Context context, Digest digest, long first, OptionalLong last) {
    this.context = context;
    this.digest = digest;
    this.first = first;
    this.last = last;
  }

  public Future<BlobTransfer> head() {
    return head.future();
  }

  /** Upstream's answer: the rest of a blob of this size, from where it was asked. */
  public ScriptedTransfer answer(long size) {
    return answer(first, OptionalLong.of(size));
  }

  public ScriptedTransfer answer(long from, OptionalLong size) {
    context.runOnContext(
        ignored -> {
          offset = from;
          total = size;
          head.complete(this);
        });
    return this;
  }

  public ScriptedTransfer refuse(UpstreamOutcome outcome) {
    UpstreamException refusal = new UpstreamException(outcome, "scripted " + outcome.label(), null);
    context.runOnContext(ignored -> head.fail(refusal));
    return this;
  }

  public ScriptedTransfer send(byte[] bytes) {
    return send(bytes, 0, bytes.length);
  }

  public ScriptedTransfer send(byte[] bytes, int from, int to) {
    Buffer buffer = Buffer.buffer(java.util.Arrays.copyOfRange(bytes, from, to));
    return inOrder(() -> handler.handle(buffer));
  }

  public ScriptedTransfer end() {
    return inOrder(completion::tryComplete);
  }

  public ScriptedTransfer breakOff() {
    return inOrder(
        () ->
            completion.tryFail(
                new UpstreamException(UpstreamOutcome.CONNECT, "scripted cut", null)));
  }

  private ScriptedTransfer inOrder(Runnable event) {
    context.runOnContext(
        ignored -> {
          held.add(event);
          flow();
        });
    return this;
  }

  private void flow() {
    while (!paused && !held.isEmpty()) {
      held.poll().run();
    }
  }

  @Override
  public long offset() {
    return offset;
  }

  @Override
  public OptionalLong totalSize() {
    return total;
  }

  @Override
  public OptionalLong length() {
    if (total.isEmpty()) {
      return total;
    }
    boolean ranged = offset == first && last.isPresent();
    long end = ranged ? Math.min(total.getAsLong(), last.getAsLong() + 1) : total.getAsLong();
    return OptionalLong.of(end - offset);
  }

  @Override
  public BlobTransfer handler(Handler<Buffer> handler) {
    this.handler = handler;
    return this;
  }

  @Override
  public Future<Void> completion() {
    return completion.future();
  }

  @Override
  public void pause() {
    paused = true;
  }

  @Override
  public void resume() {
    paused = false;
    flow();
  }

  @Override
  public void cancel() {
    held.clear();
    cancelled.countDown();
    completion.tryFail(new UpstreamException(UpstreamOutcome.CANCELLED, "scripted cancel", null));
  }
}
