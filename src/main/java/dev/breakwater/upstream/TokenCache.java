package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.Expiry;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Tokens by what they are for, in memory only, at most 10,000; and at most one request under way
 * for each. Thread-safe.
 */
final class TokenCache {
  /**
   * What a token is good for. Nothing is shared between zones, registries of a zone or identities.
   *
   * @param identity the account's login, or empty for anonymous
   */
  record Key(
      ZoneName zone,
      Origin registry,
      RepositoryName repository,
      List<String> scopes,
      Optional<Credentials> identity) {}

  private static final int MAX_TOKENS = 10_000;

  private final boolean keeps;
  private final Cache<Key, Token> tokens;
  private final SingleFlight<Key, Token> flights;

  /** If it {@code keeps} nothing, requests under way are shared all the same. */
  TokenCache(Vertx vertx, LongSupplier clock, boolean keeps) {
    this.keeps = keeps;
    this.flights = new SingleFlight<>(vertx, () -> {});
    this.tokens =
        Caffeine.newBuilder()
            .maximumSize(MAX_TOKENS)
            .ticker(clock::getAsLong)
            .expireAfter(Expiry.<Key, Token>creating((key, token) -> token.lifetime()))
            .build();
  }

  /** The token we have, if it has not expired. */
  Optional<Token> present(Key key) {
    return Optional.ofNullable(tokens.getIfPresent(key));
  }

  /** Forgets a token the registry refused, unless another has taken its place already. */
  void drop(Key key, Authorization refused) {
    tokens
        .asMap()
        .computeIfPresent(
            key, (same, token) -> token.authorization().equals(refused) ? null : token);
  }

  /**
   * The token we have, or the one that a shared request brings; each caller that joins it has its
   * result, failure included. Completes on the caller's context.
   */
  Future<Token> get(Key key, Supplier<Future<Token>> request) {
    return flights.join(
        key,
        () ->
            present(key)
                .map(Future::succeededFuture)
                .orElseGet(() -> request.get().onSuccess(token -> keep(key, token))),
        token -> token);
  }

  private void keep(Key key, Token token) {
    if (keeps) {
      tokens.put(key, token);
    }
  }
}
