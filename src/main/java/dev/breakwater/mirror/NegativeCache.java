package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Ticker;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamException;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.function.Supplier;

/**
 * What upstream lately said is not there, or not for us: asked again it would say the same.
 * Thread-safe.
 */
public final class NegativeCache {
  private static final int ENTRIES = 10_000;

  /**
   * What was asked for; a blob and a manifest of one digest are different questions, and so is HEAD
   * of a blob, which some registries refuse although they answer GET. What upstream refuses to
   * anonymous users it may give to those who read by its credentials.
   */
  enum Asked {
    MANIFEST,
    BLOB,
    BLOB_HEAD,
    ANONYMOUS_MANIFEST,
    ANONYMOUS_BLOB
  }

  private record Key(Asked asked, RepositoryReference reference) {}

  private final Cache<Key, UpstreamException> refusals;
  private final GuessLimit guesses;

  /**
   * Remembers each refusal for this long.
   *
   * @param client the address of the client that the work at hand is done for, empty if it is none
   */
  public NegativeCache(Duration timeToLive, Ticker ticker, Supplier<String> client) {
    this.guesses = new GuessLimit(ticker, client);
    this.refusals =
        Caffeine.newBuilder()
            .maximumSize(ENTRIES)
            .expireAfterWrite(timeToLive)
            .ticker(ticker)
            .build();
  }

  /** Fails with the refusal, if one is remembered. */
  Future<Void> refuseKnown(Asked asked, RepositoryReference reference) {
    UpstreamException known = refusals.getIfPresent(new Key(asked, reference));
    return known == null ? Future.succeededFuture() : Future.failedFuture(known);
  }

  /** How many refusals a client may cause. */
  GuessLimit guesses() {
    return guesses;
  }

  /** Remembers the failure if it was a definite "no". */
  void remember(Asked asked, RepositoryReference reference, Throwable failure) {
    if (failure instanceof UpstreamException refusal && UpstreamFailures.isRefusal(refusal)) {
      // What is remembered is not remembered longer for being asked again.
      refusals.asMap().putIfAbsent(new Key(asked, reference), refusal);
    }
  }

  /** Asks upstream again for whatever it refused of this repository; how many things that is. */
  int forget(ZoneName zone, RepositoryName repository) {
    List<Key> known =
        refusals.asMap().keySet().stream()
            .filter(key -> key.reference().isIn(zone, repository))
            .toList();
    refusals.invalidateAll(known);
    return known.size();
  }
}
