package dev.breakwater.mirror;

import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.LoadingCache;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Identity;
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
  private final Readers readers;
  private final Optional<Visibility> visibility;
  private final LoadingCache<RepositoryName, Repository> repositories;

  /** A mirror of what may be read of this upstream. */
  public PullThroughRegistry(PullThrough mirror, UpstreamRegistry upstream, ZoneAccess access) {
    this.mirror = mirror;
    this.upstream = upstream;
    this.rules = access.rules();
    this.readers = access.readers();
    this.visibility = access.anonymous().map(mirror::visibility);
    this.repositories = Caffeine.newBuilder().maximumSize(REPOSITORIES).build(this::make);
  }

  /**
   * What of the repository is served to those who may read; all that serves it goes through here.
   */
  private Repository make(RepositoryName name) {
    Optional<String> refusal = rules.refusal(zone(), name);
    if (refusal.isPresent()) {
      return DeniedRepository.byRules(zone(), name, refusal.get());
    }
    Repository all = mirror.repository(new UpstreamBlobSource(upstream, name));
    return visibility.<Repository>map(told -> mirror.publicOnly(all, told)).orElse(all);
  }

  @Override
  public ZoneName zone() {
    return upstream.zone();
  }

  @Override
  public Repository repository(RepositoryName name, Identity reader) {
    return readers.include(reader)
        ? repositories.get(name)
        : DeniedRepository.to(reader, zone(), name);
  }

  @Override
  public Future<List<RepositoryName>> repositories(
      Identity reader, Optional<RepositoryName> after, int most) {
    return readers.include(reader) ? repositories(after, most) : Future.succeededFuture(List.of());
  }

  private Future<List<RepositoryName>> repositories(Optional<RepositoryName> after, int most) {
    int asked = Math.max(most, KNOWN_AT_A_TIME);
    return mirror
        .repositories(zone(), after, asked)
        .compose(
            found ->
                readable(found)
                    .map(readable -> readable.stream().limit(most).toList())
                    // What may not be read leaves gaps, which are filled with what follows.
                    .compose(
                        readable ->
                            found.size() < asked || readable.size() == most
                                ? Future.succeededFuture(readable)
                                : repositories(Optional.of(found.getLast()), most - readable.size())
                                    .map(
                                        more ->
                                            Stream.concat(readable.stream(), more.stream())
                                                .toList())));
  }

  private Future<List<RepositoryName>> readable(List<RepositoryName> names) {
    List<RepositoryName> allowed =
        names.stream().filter(name -> rules.refusal(zone(), name).isEmpty()).toList();
    return visibility
        .map(told -> told.publicOnes(allowed))
        .orElseGet(() -> Future.succeededFuture(allowed));
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
