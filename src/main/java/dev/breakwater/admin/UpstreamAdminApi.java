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
        new AdminRoute("/api/upstreams", ignored -> answer(upstreams.list())),
        new AdminRoute("/api/offline", ignored -> answer(upstreams.offline())),
        AdminRoute.post("/api/offline", Set.of("offline", "upstream"), this::switchOffline),
        AdminRoute.post("/api/purge", Set.of("upstream", "repository", "tag"), this::purge));
  }

  /** {@code ?offline=true|false}, for all or for {@code &upstream=NAME}. */
  private Future<AdminAnswer> switchOffline(Map<String, String> parameters) {
    String value = parameters.getOrDefault("offline", "");
    if (!value.equals("true") && !value.equals("false")) {
      return refuse("offline must be true or false; add upstream=NAME for one registry only");
    }
    boolean offline = value.equals("true");
    String name = parameters.get("upstream");
    if (name == null) {
      return switched("every upstream", offline, upstreams.setAllOffline(offline));
    }
    Optional<ZoneName> zone = zone(name);
    return zone.isEmpty()
        ? unknown(name)
        : switched(zone.get().value(), offline, upstreams.setOffline(zone.get(), offline));
  }

  private Future<AdminAnswer> switched(String what, boolean offline, boolean changed) {
    String state = offline ? " offline" : " online";
    return Future.succeededFuture(
        AdminAnswer.json(200, upstreams.list())
            .withResult(what + (changed ? " is" + state + " now" : " was" + state + " already")));
  }

  /** {@code ?upstream=NAME&repository=NAME}, maybe {@code &tag=TAG}. */
  private Future<AdminAnswer> purge(Map<String, String> parameters) {
    String name = parameters.getOrDefault("upstream", "");
    Optional<ZoneName> zone = zone(name);
    if (zone.isEmpty()) {
      return unknown(name);
    }
    RepositoryName repository;
    Optional<Tag> tag;
    try {
      repository =
          upstreams.nameIn(
              zone.get(), RepositoryName.parse(parameters.getOrDefault("repository", "")));
      tag = Optional.ofNullable(parameters.get("tag")).map(Tag::parse);
    } catch (RuntimeException e) {
      return refuse(String.valueOf(e.getMessage()));
    }
    String subject = zone.get() + "/" + repository + tag.map(each -> ":" + each).orElse("");
    return upstreams.purge(zone.get(), repository, tag).map(done -> purged(subject, done));
  }

  private static AdminAnswer purged(String subject, PurgeInfo done) {
    if (done.forgotNothing()) {
      return AdminAnswer.error(
          404,
          subject
              + ": nothing to purge: no tag, refusal, tag list or unfinished download of it is"
              + " here; check the name, or pull it: upstream is asked anyway");
    }
    return AdminAnswer.json(200, done)
        .withResult(
            "%s: forgot %d tags, %d refusals, %d listings; deleted %d unfinished downloads"
                .formatted(
                    subject, done.tags(), done.refusals(), done.listings(), done.downloads()));
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
