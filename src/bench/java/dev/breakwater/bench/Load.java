package dev.breakwater.bench;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.time.Duration;

/**
 * A request that some connections repeat, each as soon as it is answered.
 *
 * @param method GET or HEAD
 * @param path what is asked for
 * @param size of the answer's body in bytes
 * @param connections how many ask at a time
 */
record Load(String method, String path, long size, int connections) {
  /** wrk reads 8 KiB at a time: beyond this size it would measure itself. */
  private static final long WRK_LARGEST = 64 * 1024;

  /**
   * What came of it.
   *
   * @param requests how many were answered
   * @param seconds in how much time
   */
  record Outcome(long requests, double seconds) {}

  /** Puts it on a server for about that time; fails for any wrong answer. */
  Outcome run(URI server, Duration time) {
    // wrk waits for the body of the answer to a HEAD.
    return method.equals("GET") && size <= WRK_LARGEST
        ? Wrk.run(server.resolve(path), connections, time)
        : repeat(server, time);
  }

  private Outcome repeat(URI server, Duration time) {
    try (Clients clients = Clients.connect(server, connections)) {
      long start = System.nanoTime();
      long end = start + time.toNanos();
      long[] answered = {0};
      for (Connection connection : clients.connections()) {
        connection.send(method, path, null);
      }
      clients.await(
          connection -> {
            answered[0]++;
            boolean again = System.nanoTime() < end;
            if (again) {
              connection.send(method, path, null);
            }
            return again;
          });
      return new Outcome(answered[0], (System.nanoTime() - start) / 1e9);
    } catch (IOException e) {
      throw new UncheckedIOException(method + " " + server.resolve(path), e);
    }
  }
}
