package dev.breakwater.http;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Registry;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/** The repositories of a registry that a client may pull from. */
final class ReadableNames {
  /** How many are looked at to fill one page. */
  static final int MOST_LOOKED_AT = 20_000;

  private static final int STEP = 500;

  private final Registry registry;
  private final Identity reader;
  private final Predicate<RepositoryName> readable;
  private final int most;
  private final List<RepositoryName> found = new ArrayList<>();
  private int lookedAt;

  private ReadableNames(
      Registry registry, Identity reader, Predicate<RepositoryName> readable, int most) {
    this.registry = registry;
    this.reader = reader;
    this.readable = readable;
    this.most = most;
  }

  /**
   * As {@link Registry#repositories}, but only those that are readable. The list is short when more
   * than {@link #MOST_LOOKED_AT} would have to be looked at.
   */
  static Future<List<RepositoryName>> of(
      Registry registry,
      Identity reader,
      Predicate<RepositoryName> readable,
      Optional<RepositoryName> after,
      int most) {
    return new ReadableNames(registry, reader, readable, most).from(after, most);
  }

  private Future<List<RepositoryName>> from(Optional<RepositoryName> after, int step) {
    return registry
        .repositories(reader, after, step)
        .compose(
            names -> {
              lookedAt += names.size();
              names.stream().filter(readable).limit(most - (long) found.size()).forEach(found::add);
              boolean isDone =
                  found.size() == most || names.size() < step || lookedAt >= MOST_LOOKED_AT;
              return isDone
                  ? Future.succeededFuture(found)
                  : from(Optional.of(names.getLast()), Math.max(step, STEP));
            });
  }
}
