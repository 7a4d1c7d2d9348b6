package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Blobs;
import dev.breakwater.registry.Manifests;
import dev.breakwater.registry.Referrers;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.TagList;

/** A repository of an upstream, mirrored. Without a state of its own. */
record PullThroughRepository(
    ZoneName zone,
    RepositoryName name,
    Manifests manifests,
    Blobs blobs,
    TagList tags,
    Referrers referrers)
    implements Repository {}
