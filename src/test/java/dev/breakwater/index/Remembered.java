package dev.breakwater.index;

import io.vertx.core.Future;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** Looks into the memory of a {@link CachedIndex} without asking it anything. */
final class Remembered {
  private Remembered() {}

  /** The facts of that kind that are in memory, as {@link CachedIndex#caches} names kinds. */
  static List<Object> in(CachedIndex cached, String kind) {
    return Objects.requireNonNull(cached.caches().get(kind)).asMap().values().stream()
        .<Object>map(fact -> ((Optional<?>) ((Future<?>) fact).result()).orElseThrow())
        .toList();
  }
}
