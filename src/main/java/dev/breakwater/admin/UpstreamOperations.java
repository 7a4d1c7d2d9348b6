package dev.breakwater.admin;

import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** What operators may see of the upstreams and do to them. Called on event loops. */
public interface UpstreamOperations {
  /** How all of them stand. */
  UpstreamList list();

  /** The zones that have one, in the order of the configuration. */
  List<ZoneName> zones();

  /** Whether no upstream may be asked. */
  void setAllOffline(boolean offline);

  /** Whether that upstream must not be asked. */
  void setOffline(ZoneName zone, boolean offline);

  /**
   * Forgets what upstream said of a repository, so that the next pull asks anew.
   *
   * @param tag the only tag to forget; empty for all
   */
  Future<Void> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag);
}
