package dev.breakwater.registry;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** All repositories of one zone; whether a repository exists shows when it is read. */
public interface Registry {
  /** The zone. */
  ZoneName zone();

  /**
   * The repository of that name as the reader sees it; cheap, without a request. What the reader
   * may not read is a repository of which every answer is a refusal.
   */
  Repository repository(RepositoryName name, Identity reader);

  /**
   * The repositories that are known here and that the reader may read, in the byte order of their
   * names; upstream is not asked. Completes on the caller's context.
   *
   * @param after only those behind this name; empty: from the first one
   * @param most how many at the most
   */
  Future<List<RepositoryName>> repositories(
      Identity reader, Optional<RepositoryName> after, int most);
}
