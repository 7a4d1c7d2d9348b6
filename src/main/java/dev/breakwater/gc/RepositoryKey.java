package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/** A repository of a zone. */
record RepositoryKey(ZoneName zone, RepositoryName repository) {
  /** The one that a fact belongs to. */
  static RepositoryKey of(InRepository<?> fact) {
    return new RepositoryKey(fact.zone(), fact.repository());
  }

  /** The key of something inside it. */
  <N> InRepository<N> with(N name) {
    return new InRepository<>(zone, repository, name);
  }

  @Override
  public String toString() {
    return repository + " of " + zone;
  }
}
