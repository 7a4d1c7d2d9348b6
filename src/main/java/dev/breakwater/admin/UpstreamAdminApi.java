package dev.breakwater.admin;

import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The pages of the admin API about the upstreams. */
public final class UpstreamAdminApi {
  private final UpstreamOperations upstreams;

  /** Pages that show and do what the operations do. */
  public UpstreamAdminApi(UpstreamOperations upstreams) {
    this.upstreams = upstreams;
  }

  /** All of them. */
  public List<AdminRoute> routes() {
    return List.of(
        new AdminRoute("/api/upstreams", ignored -> list()),
        AdminRoute.post("/api/offline", Set.of("offline", "upstream"), this::switchOffline),
        AdminRoute.post("/api/purge", Set.of("upstream", "repository", "tag"), this::purge));
  }

  private Future<AdminAnswer> list() {
    return answer(upstreams.list());
  }

  /** {@code ?offline=true|false}, for all or for {@code &upstream=NAME}. */
  private Future<AdminAnswer> switchOffline(Map<String, String> parameters) {
    String value = parameters.getOrDefault("offline", "");
    if (!value.equals("true") && !value.equals("false")) {
      return refuse("offline must be true or false; add upstream=NAME for one registry only");
    }
    String name = parameters.get("upstream");
    if (name == null) {
      upstreams.setAllOffline(value.equals("true"));
      return list();
    }
    Optional<ZoneName> zone = zone(name);
    if (zone.isEmpty()) {
      return unknown(name);
    }
    upstreams.setOffline(zone.get(), value.equals("true"));
    return list();
  }

  /** {@code ?upstream=NAME&repository=NAME}, maybe {@code &tag=TAG}. */
  private Future<AdminAnswer> purge(Map<String, String> parameters) {
    String name = parameters.getOrDefault("upstream", "");
    Optional<ZoneName> zone = zone(name);
    if (zone.isEmpty()) {
      return unknown(name);
    }
    try {
      RepositoryName repository = RepositoryName.parse(parameters.getOrDefault("repository", ""));
      Optional<Tag> tag = Optional.ofNullable(parameters.get("tag")).map(Tag::parse);
      return upstreams
          .purge(zone.get(), repository, tag)
          .compose(done -> answer(new PurgeInfo(repository.value())));
    } catch (RuntimeException e) {
      return refuse(String.valueOf(e.getMessage()));
    }
  }

  private Optional<ZoneName> zone(String name) {
    return upstreams.zones().stream().filter(zone -> zone.value().equals(name)).findFirst();
  }

  private Future<AdminAnswer> unknown(String name) {
    return Future.succeededFuture(
        AdminAnswer.error(
            404,
            Quoted.of(name)
                + " is not a configured registry; configured are "
                + String.join(", ", upstreams.zones().stream().map(ZoneName::value).toList())));
  }

  private static Future<AdminAnswer> refuse(String message) {
    return Future.succeededFuture(AdminAnswer.error(400, message));
  }

  private static Future<AdminAnswer> answer(Object document) {
    return Future.succeededFuture(AdminAnswer.json(200, document));
  }
}
