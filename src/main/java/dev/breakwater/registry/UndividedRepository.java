package dev.breakwater.registry;

/**
 * A repository that is one object with all its parts, because something holds for each of them
 * alike: what is denied, or is to be checked first.
 */
public interface UndividedRepository extends Repository, Manifests, Blobs, TagList, Referrers {
  @Override
  default Manifests manifests() {
    return this;
  }

  @Override
  default Blobs blobs() {
    return this;
  }

  @Override
  default TagList tags() {
    return this;
  }

  @Override
  default Referrers referrers() {
    return this;
  }
}
