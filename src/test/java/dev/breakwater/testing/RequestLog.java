package dev.breakwater.testing;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** What came in and what went out. Safe for all threads. */
final class RequestLog {
  private final List<SeenRequest> requests = new ArrayList<>();
  private final AtomicInteger numbers = new AtomicInteger();
  private final Tally arrivals = new Tally();
  private final Map<ContentKind, Tally> running = new EnumMap<>(ContentKind.class);
  private final Tally runningAtAll = new Tally();
  private final Map<Digest, LongAdder> bytes = new ConcurrentHashMap<>();

  RequestLog() {
    for (ContentKind kind : ContentKind.values()) {
      running.put(kind, new Tally());
    }
  }

  /** The number of the next request. */
  int nextNumber() {
    return numbers.incrementAndGet();
  }

  /** Notes a request that is now going to be answered. */
  void arrived(SeenRequest request) {
    synchronized (requests) {
      requests.add(request);
    }
    running.get(request.kind()).add(1);
    runningAtAll.add(1);
    arrivals.add(1);
  }

  /** Notes that its answer has ended. */
  void answered(SeenRequest request) {
    running.get(request.kind()).add(-1);
    runningAtAll.add(-1);
  }

  /** Notes bytes of content about to leave. */
  void sending(Digest digest, long count) {
    bytes.computeIfAbsent(digest, _ -> new LongAdder()).add(count);
  }

  /** All requests in their order. */
  List<SeenRequest> requests() {
    synchronized (requests) {
      return requests.stream().sorted(Comparator.comparingInt(SeenRequest::sequence)).toList();
    }
  }

  /** How many there were of that sort. */
  int count(RequestMatcher matcher) {
    synchronized (requests) {
      return (int) requests.stream().filter(matcher::matches).count();
    }
  }

  /** Bytes sent of that content. */
  long bytesSent(Digest digest) {
    LongAdder sum = bytes.get(digest);
    return sum == null ? 0 : sum.sum();
  }

  /** The most answers of that kind at a time. */
  int maxConcurrent(ContentKind kind) {
    return (int) running.get(kind).highest();
  }

  /** Waits for requests. */
  void await(RequestMatcher matcher, int count, Duration timeout) {
    arrivals.await(
        () -> count(matcher) >= count,
        timeout,
        () -> count + " of '" + matcher + "', had " + count(matcher) + " among all requests");
  }

  /** Waits until no answer is being given. */
  void awaitIdle(Duration timeout) {
    runningAtAll.awaitAtMost(0, timeout, () -> "running answers");
  }
}
