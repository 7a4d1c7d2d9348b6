package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Registry;
import dev.breakwater.registry.Repository;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** One upstream registry, mirrored. Thread-safe. */
public final class PullThroughRegistry implements Registry {
  /** Clients choose the names; what is evicted is made anew. */
  private static final int REPOSITORIES = 1_000;

  /** So that denied ones, which are passed over, do not cost a look-up each. */
  private static final int KNOWN_AT_A_TIME = 1_000;

  private final PullThrough mirror;
  private final UpstreamRegistry upstream;
  private final RepositoryRules rules;
  private final LoadingCache<RepositoryName, Repository> repositories;

  /** A mirror of what the rules allow of this upstream. */
  public PullThroughRegistry(PullThrough mirror, UpstreamRegistry upstream, RepositoryRules rules) {
    this.mirror = mirror;
    this.upstream = upstream;
    this.rules = rules;
    this.repositories = Caffeine.newBuilder().maximumSize(REPOSITORIES).build(this::make);
  }

  /** The one place where the rules are asked: whatever serves a repository goes through here. */
  private Repository make(RepositoryName name) {
    Optional<String> refusal = rules.refusal(zone(), name);
    return refusal.isPresent()
        ? new DeniedRepository(zone(), name, refusal.get())
        : mirror.repository(new UpstreamBlobSource(upstream, name));
  }

  @Override
  public ZoneName zone() {
    return upstream.zone();
  }

  @Override
  public Repository repository(RepositoryName name) {
    return repositories.get(name);
  }

  @Override
  public Future<List<RepositoryName>> repositories(Optional<RepositoryName> after, int most) {
    int asked = Math.max(most, KNOWN_AT_A_TIME);
    return mirror
        .repositories(zone(), after, asked)
        .compose(
            found -> {
              List<RepositoryName> allowed =
                  found.stream()
                      .filter(name -> rules.refusal(zone(), name).isEmpty())
                      .limit(most)
                      .toList();
              // What is denied leaves gaps, which are filled with what follows.
              return found.size() < asked || allowed.size() == most
                  ? Future.succeededFuture(allowed)
                  : repositories(Optional.of(found.getLast()), most - allowed.size())
                      .map(more -> Stream.concat(allowed.stream(), more.stream()).toList());
            });
  }

  /**
   * Fetches a blob into the store; completes with whether it is there then. What the rules do not
   * allow is not fetched.
   */
  public Future<Boolean> refetch(RepositoryName repository, Digest digest, long size) {
    if (rules.refusal(zone(), repository).isPresent()) {
      return Future.succeededFuture(false);
    }
    return mirror.refetch(new UpstreamBlobSource(upstream, repository), digest, size);
  }
}
