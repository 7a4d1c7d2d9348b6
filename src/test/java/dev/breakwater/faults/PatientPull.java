package dev.breakwater.faults;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * One pull of an image as containerd does it: manifests, config and layers, each tried again as
 * long as upstream has faults left, a body that ended short taken up by {@code Range}, and what
 * then does not have its digest thrown away. Used by one thread.
 */
final class PatientPull {
  /** For how long one thing may fail again and again: far longer than upstream's faults last. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final PullClient client;
  private final String repository;
  private final BooleanSupplier upstreamIsWell;
  private int refused;
  private int resumed;
  private int restarted;

  PatientPull(PullClient client, String repository, BooleanSupplier upstreamIsWell) {
    this.client = client;
    this.repository = repository;
    this.upstreamIsWell = upstreamIsWell;
  }

  /** How many requests were answered by an error. */
  int refused() {
    return refused;
  }

  /** How many bodies ended short and were taken up. */
  int resumed() {
    return resumed;
  }

  /** How many blobs were thrown away because a body that ended short had held wrong bytes. */
  int restarted() {
    return restarted;
  }

  /**
   * Pulls it by its tag.
   *
   * @throws AssertionError if an answer looked complete and was wrong, or if something still failed
   *     when upstream was well
   */
  void run(String tag, TestImage image) {
    whole(image.manifest(), () -> client.manifest(repository, tag));
    children(image);
  }

  private void children(TestImage image) {
    for (TestImage child : image.children()) {
      whole(child.manifest(), () -> client.manifest(repository, child.digest()));
      children(child);
    }
    for (Content blob : image.blobs().values()) {
      blob(blob);
    }
  }

  private void whole(Content truth, Supplier<Reply> request) {
    Tries tries = new Tries();
    while (true) {
      tries.begin();
      Reply reply = request.get();
      switch (judged(reply, truth, 0)) {
        case RIGHT -> {
          return;
        }
        case REFUSED -> refused++;
        default -> {}
      }
      tries.failed(reply, truth);
    }
  }

  private void blob(Content truth) {
    Tries tries = new Tries();
    ByteArrayOutputStream here = new ByteArrayOutputStream();
    while (true) {
      tries.begin();
      int from = here.size();
      Reply reply =
          from == 0
              ? client.blob(repository, truth.digest())
              : client.blob(repository, truth.digest(), from);
      switch (judged(reply, truth, from)) {
        case RIGHT -> {
          here.writeBytes(reply.body());
          if (Arrays.equals(here.toByteArray(), truth.bytes())) {
            return;
          }
          here.reset();
          restarted++;
        }
        case SHORT -> {
          here.writeBytes(reply.body());
          resumed++;
        }
        case REFUSED -> refused++;
        default -> {}
      }
      tries.failed(reply, truth);
    }
  }

  private static Reply.Verdict judged(Reply reply, Content truth, long from) {
    Reply.Verdict verdict = reply.verdict(truth, from);
    if (verdict == Reply.Verdict.WRONG) {
      throw new AssertionError(
          "a complete answer for " + truth.digest() + " has wrong bytes: " + reply);
    }
    return verdict;
  }

  /** Counts how often something failed, and says when that goes on for too long. */
  private final class Tries {
    private final long begun = System.nanoTime();
    private int failures;
    private int failuresInGoodTimes;
    private boolean goodTimes;

    void begin() {
      goodTimes = upstreamIsWell.getAsBoolean();
    }

    void failed(Reply reply, Content truth) {
      failures++;
      if (goodTimes) {
        failuresInGoodTimes++;
      }
      if (System.nanoTime() - begun > PATIENCE.toNanos()) {
        throw new AssertionError(
            "%s failed %d times, %d of them while upstream was well; at last: %s"
                .formatted(truth.digest(), failures, failuresInGoodTimes, reply));
      }
    }
  }
}
