package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/** A key in memory: the name of something inside a repository of a zone. */
record InRepository<N>(ZoneName zone, RepositoryName repository, N name) {}
