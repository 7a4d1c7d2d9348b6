package dev.breakwater.mirror;

import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Blobs;
import dev.breakwater.registry.Manifests;
import dev.breakwater.registry.Referrers;
import dev.breakwater.registry.Repository;
import dev.breakwater.registry.TagList;

/**
 * A repository of an upstream, mirrored.
 *
 * @param mirror what all of them share
 * @param source the upstream and the name there
 */
record PullThroughRepository(PullThrough mirror, BlobSource source) implements Repository {
  @Override
  public ZoneName zone() {
    return source.upstream().zone();
  }

  @Override
  public RepositoryName name() {
    return source.repository();
  }

  @Override
  public Manifests manifests() {
    return new PullThroughManifests(mirror, source);
  }

  @Override
  public Blobs blobs() {
    return new PullThroughBlobs(mirror, source);
  }

  @Override
  public TagList tags() {
    return new PullThroughTagList(mirror, source);
  }

  @Override
  public Referrers referrers() {
    return new PullThroughReferrers(mirror, source);
  }
}
