package dev.breakwater.app;

import dev.breakwater.admin.AdminAnswer;
import dev.breakwater.admin.AdminRoute;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What operators see of the upstreams, and what they can do about them, in the admin API. */
final class UpstreamAdminApi {
  private final List<HttpUpstreamRegistry> upstreams;
  private final OfflineSwitch offline;
  private final PullThrough mirror;

  UpstreamAdminApi(
      List<HttpUpstreamRegistry> upstreams, OfflineSwitch offline, PullThrough mirror) {
    this.upstreams = List.copyOf(upstreams);
    this.offline = offline;
    this.mirror = mirror;
  }

  List<AdminRoute> routes() {
    return List.of(
        new AdminRoute("/api/upstreams", ignored -> list()),
        AdminRoute.post("/api/offline", Set.of("offline", "upstream"), this::switchOffline),
        AdminRoute.post("/api/purge", Set.of("upstream", "repository", "tag"), this::purge));
  }

  private Future<AdminAnswer> list() {
    List<Map<String, Object>> list = new ArrayList<>();
    for (HttpUpstreamRegistry upstream : upstreams) {
      Map<String, Object> entry = new LinkedHashMap<>();
      entry.put("name", upstream.zone().value());
      entry.put("offline", offline.isOffline(upstream.zone()));
      entry.putAll(upstream.report());
      list.add(entry);
    }
    return answer(200, Map.of("offline", offline.isAllOffline(), "upstreams", list));
  }

  /** {@code ?offline=true|false}, for all or for {@code &upstream=NAME}. */
  private Future<AdminAnswer> switchOffline(Map<String, String> parameters) {
    String value = parameters.getOrDefault("offline", "");
    if (!value.equals("true") && !value.equals("false")) {
      return refuse("say offline=true or offline=false, and maybe upstream=NAME");
    }
    String name = parameters.get("upstream");
    if (name == null) {
      offline.setAll(value.equals("true"));
      return list();
    }
    Optional<ZoneName> zone = zone(name);
    if (zone.isEmpty()) {
      return unknown(name);
    }
    offline.set(zone.get(), value.equals("true"));
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
      return mirror
          .purge(zone.get(), repository, tag)
          .compose(done -> answer(200, Map.of("purged", repository.value())));
    } catch (RuntimeException e) {
      return refuse(String.valueOf(e.getMessage()));
    }
  }

  private Optional<ZoneName> zone(String name) {
    return upstreams.stream()
        .map(HttpUpstreamRegistry::zone)
        .filter(zone -> zone.value().equals(name))
        .findFirst();
  }

  private Future<AdminAnswer> unknown(String name) {
    return Future.succeededFuture(
        AdminAnswer.error(
            404,
            Quoted.of(name)
                + " is no upstream; there are "
                + String.join(", ", upstreams.stream().map(each -> each.zone().value()).toList())));
  }

  private static Future<AdminAnswer> refuse(String message) {
    return Future.succeededFuture(AdminAnswer.error(400, message));
  }

  private static Future<AdminAnswer> answer(int status, Map<String, Object> document) {
    return Future.succeededFuture(AdminAnswer.json(status, document));
  }
}
