package dev.breakwater.http;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
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
  private final Set<String> refused = new HashSet<>();
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
    if (warnedNanos.containsKey(client) || warnedNanos.size() + refused.size() >= MAX_CLIENTS) {
      return false;
    }
    boolean first = refused.add(client);
    awaitsFallback = true;
    return first;
  }

  /** A client opened a connection and speaks plain HTTP on it. */
  void spokePlainHttp(String client) {
    if (awaitsFallback) {
      forgive(client);
    }
  }

  /** Whether the client has not come back in plain HTTP; counts as the warning if so. */
  synchronized boolean isWarningDue(String client) {
    boolean due = forgive(client);
    if (due) {
      warnedNanos.put(client, nanoClock.getAsLong());
    }
    return due;
  }

  private synchronized boolean forgive(String client) {
    boolean was = refused.remove(client);
    awaitsFallback = !refused.isEmpty();
    return was;
  }
}
