package dev.breakwater.admin;

import dev.breakwater.admin.api.OfflineInfo;
import dev.breakwater.admin.api.PurgeInfo;
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

  /** Which of them are not asked, and why. */
  OfflineInfo offline();

  /** Whether no upstream may be asked; true if that changed anything. */
  boolean setAllOffline(boolean offline);

  /** Whether that upstream must not be asked; true if that changed anything. */
  boolean setOffline(ZoneName zone, boolean offline);

  /** The name by which a repository of that zone is kept, of a name that clients may use for it. */
  RepositoryName nameIn(ZoneName zone, RepositoryName asked);

  /**
   * Forgets what upstream said of a repository, so that the next pull asks anew.
   *
   * @param repository its {@link #nameIn}: {@code library/nginx}, not {@code nginx}
   * @param tag the only tag to forget; empty for all
   */
  Future<PurgeInfo> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag);
}
