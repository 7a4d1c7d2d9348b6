package dev.breakwater.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * Draws a fault for every answer, at bytes that lie within that answer. All of them end by
 * themselves: nothing stalls for good. Safe for all threads; with one request at a time the same
 * seed draws the same faults.
 */
public final class RandomFaults implements Fault {
  private final Random random;
  private final List<String> drawn = new ArrayList<>();

  RandomFaults(Random random) {
    this.random = random;
  }

  @Override
  public void spoil(SeenRequest request, Answer answer) {
    Fault fault;
    synchronized (this) {
      fault = draw(answer.length());
      drawn.add(fault.toString());
    }
    fault.spoil(request, answer);
  }

  /** What was drawn so far. */
  public synchronized List<String> drawn() {
    return List.copyOf(drawn);
  }

  private Fault draw(long length) {
    long at = random.nextLong(Math.max(1, length));
    Cut cut = random.nextBoolean() ? Cut.FIN : Cut.RST;
    return switch (random.nextInt(16)) {
      case 0 -> Faults.none();
      case 1 -> Faults.status(500 + random.nextInt(5));
      case 2 -> Faults.tooManyRequests(java.time.Duration.ofSeconds(1));
      case 3 -> Faults.hangUp(cut);
      case 4, 5, 6 -> Faults.cutAt(at, cut);
      case 7 -> Faults.wrongByteAt(at);
      case 8 -> Faults.truncatedTo(at);
      case 9 -> Faults.extraBytes(1 + random.nextInt(1000));
      case 10 -> Faults.contentLength(length + 1 + random.nextInt(1000));
      case 11 -> Faults.ignoreRange();
      case 12 -> Faults.htmlPage();
      case 13 -> Faults.delay(Duration.ofMillis(random.nextInt(50)));
      case 14 -> Faults.noContentLength().and(Faults.cutAt(at, Cut.FIN));
      default -> Faults.chunked().and(Faults.cutAt(at, cut));
    };
  }

  @Override
  public String toString() {
    return "random faults";
  }
}
