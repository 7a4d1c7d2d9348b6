package dev.breakwater.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Which of the clients that spoke TLS to the plain HTTP port are worth a warning: those that did
 * not try again in plain HTTP, each once an hour.
 *
 * <p>podman, skopeo, CRI-O and dockerd try TLS first on a registry that they are told is insecure,
 * and plain HTTP at once when that fails; their set-up is right. At most {@value #MAX_CLIENTS}
 * clients are remembered; while so many have been warned of within an hour, further ones are only
 * counted. Thread-safe, never blocks for long.
 */
final class TlsClients {
  /** How long a client may take to try again in plain HTTP. */
  static final Duration FALLBACK = Duration.ofSeconds(2);

  /** How long a client that was warned of is not mentioned again. */
  static final Duration SILENCE = Duration.ofHours(1);

  static final int MAX_CLIENTS = 256;

  private final LongSupplier nanoClock;
  private final Map<String, Long> refusedNanos = new HashMap<>();
  private final Map<String, Long> warnedNanos = new HashMap<>();

  // Read without the lock by every new connection, which almost always finds it false.
  private volatile boolean awaitsFallback;

  TlsClients(LongSupplier nanoClock) {
    this.nanoClock = nanoClock;
  }

  /**
   * A client spoke TLS and was refused.
   *
   * @return whether {@link #isWarningDue} is to be asked after {@link #FALLBACK}
   */
  synchronized boolean refused(String client) {
    long now = nanoClock.getAsLong();
    warnedNanos.values().removeIf(warned -> now - warned >= SILENCE.toNanos());
    if (warnedNanos.containsKey(client)
        || warnedNanos.size() + refusedNanos.size() >= MAX_CLIENTS) {
      return false;
    }
    awaitsFallback = true;
    return refusedNanos.putIfAbsent(client, now) == null;
  }

  /** A client opened a connection and speaks plain HTTP on it. */
  void spokePlainHttp(String client) {
    if (awaitsFallback) {
      forgive(client);
    }
  }

  /**
   * Whether the client has not come back in plain HTTP; counts as the warning if so. Not if it did
   * and spoke TLS once more since: that try has its own time.
   */
  synchronized boolean isWarningDue(String client) {
    long now = nanoClock.getAsLong();
    Long since = refusedNanos.get(client);
    if (since == null || now - since < FALLBACK.toNanos()) {
      return false;
    }
    forgive(client);
    warnedNanos.put(client, now);
    return true;
  }

  private synchronized void forgive(String client) {
    refusedNanos.remove(client);
    awaitsFallback = !refusedNanos.isEmpty();
  }
}
