package dev.breakwater.registry;

import dev.breakwater.oci.Tag;
import io.vertx.core.Future;
import java.util.List;

/** Lists the tags of a repository. */
public interface TagList {
  /** All tags, sorted in byte order; the caller pages through them. The list is immutable. */
  Future<Served<List<Tag>>> list();
}
