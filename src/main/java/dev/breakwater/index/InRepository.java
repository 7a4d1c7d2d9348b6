package dev.breakwater.index;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;

/** The key of a fact that belongs to a repository of a zone: the name of something inside it. */
public record InRepository<N>(ZoneName zone, RepositoryName repository, N name) {}
