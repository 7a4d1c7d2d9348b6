package dev.breakwater.testing;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * Spoils each answer with a certain probability, in one of the ways in which registries, token
 * servers and content networks fail for a moment; never more often than so many times in a row for
 * one resource at one host. Safe for all threads.
 */
public final class PassingFaults implements Fault {
  private final Random random;
  private final double probability;
  private final int inARow;
  private final boolean silences;
  private final Map<String, Integer> rows = new HashMap<>();
  private final Map<String, Integer> drawn = new HashMap<>();

  /**
   * Draws from a seed.
   *
   * @param inARow the most faults in a row of one resource
   * @param silences whether some are a host that stops answering, which costs seconds each
   */
  public PassingFaults(long seed, double probability, int inARow, boolean silences) {
    this.random = new Random(seed);
    this.probability = probability;
    this.inARow = inARow;
    this.silences = silences;
  }

  @Override
  public void spoil(SeenRequest request, Answer answer) {
    Fault fault = next(request, answer);
    fault.spoil(request, answer);
  }

  private synchronized Fault next(SeenRequest request, Answer answer) {
    String resource = request.listener() + " " + request.kind() + " " + request.path();
    if (request.kind() == dev.breakwater.oci.ContentKind.TOKEN) {
      resource += "?" + request.query();
    }
    int row = rows.getOrDefault(resource, 0);
    if (row >= inARow || random.nextDouble() >= probability) {
      rows.remove(resource);
      return Faults.none();
    }
    rows.put(resource, row + 1);
    Fault fault = draw(request, answer.length());
    drawn.merge(fault.toString().replaceAll(" at \\d+", ""), 1, Integer::sum);
    return fault;
  }

  /** What was drawn, and how often. */
  public synchronized String drawn() {
    List<String> lines = new ArrayList<>();
    drawn.forEach((fault, times) -> lines.add(times + " x " + fault));
    lines.sort(String::compareTo);
    return String.join(", ", lines);
  }

  /** How many answers were spoiled. */
  public synchronized int count() {
    return drawn.values().stream().mapToInt(Integer::intValue).sum();
  }

  private Fault draw(SeenRequest request, long length) {
    long at = random.nextLong(Math.max(1, length));
    Cut cut = random.nextBoolean() ? Cut.FIN : Cut.RST;
    int which = random.nextInt(silences ? 64 : 62);
    if (which == 62) {
      return Faults.stallBeforeHead();
    }
    if (which == 63) {
      return Faults.stallAt(at);
    }
    return switch (which % 16) {
      case 0 -> Faults.status(408);
      case 1 -> Faults.status(425);
      case 2 -> Faults.tooManyRequests();
      case 3 ->
          Faults.tooManyRequests(Duration.ofSeconds(1))
              .and(Faults.header("ratelimit-limit", "100000;w=21600"))
              .and(Faults.header("ratelimit-remaining", "99999;w=21600"));
      case 4 -> Faults.status(500);
      case 5 -> Faults.status(502);
      case 6 -> Faults.status(503);
      case 7 -> Faults.status(504);
      case 8 -> Faults.htmlPage();
      case 9 ->
          request.kind() == dev.breakwater.oci.ContentKind.TOKEN
              ? Faults.body("{\"token\":")
              : Faults.status(503).and(Faults.body("<html>maintenance</html>"));
      case 10 ->
          request.authorization().filter(value -> value.startsWith("Bearer")).isPresent()
              ? Faults.status(401)
              : Faults.hangUp(cut);
      case 11, 12 -> Faults.hangUp(cut);
      default -> Faults.cutAt(at, cut);
    };
  }

  @Override
  public String toString() {
    return "passing faults";
  }
}
