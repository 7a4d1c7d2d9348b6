package dev.breakwater.http;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.breakwater.oci.Digest;
import java.time.Duration;

/**
 * Remembers for a minute who got which whole blob. A client that asks for it again so soon may have
 * got wrong bytes: engines check the digest and try again. Thread-safe.
 */
final class RepeatedRequests {
  private static final Duration MEMORY = Duration.ofSeconds(60);
  private static final long MAX = 20_000;

  private final Cache<Delivery, Boolean> deliveries;

  /** A whole blob, and the address it went to. */
  private record Delivery(String client, Digest digest) {}

  RepeatedRequests(Ticker ticker) {
    deliveries =
        Caffeine.newBuilder().ticker(ticker).maximumSize(MAX).expireAfterWrite(MEMORY).build();
  }

  /** The client has got the whole blob. */
  void delivered(String client, Digest digest) {
    deliveries.put(new Delivery(client, digest), true);
  }

  /** Whether it has got it just now. */
  boolean isRepeated(String client, Digest digest) {
    return deliveries.getIfPresent(new Delivery(client, digest)) != null;
  }
}
