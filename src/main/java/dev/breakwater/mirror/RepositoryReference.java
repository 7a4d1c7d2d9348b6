package dev.breakwater.mirror;

import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/** A manifest or blob of one repository of one upstream, by tag or digest. */
record RepositoryReference(ZoneName zone, RepositoryName repository, Reference reference) {
  boolean isIn(ZoneName otherZone, RepositoryName otherRepository) {
    return zone.equals(otherZone) && repository.equals(otherRepository);
  }
}
