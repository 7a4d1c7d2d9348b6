package dev.breakwater.registry;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/** All repositories of one zone; whether a repository exists shows when it is read. */
public interface Registry {
  /** The zone. */
  ZoneName zone();

  /** The repository of that name; cheap, without a request. */
  Repository repository(RepositoryName name);
}
