package dev.breakwater.app;

import dev.breakwater.admin.AdminAnswer;
import dev.breakwater.admin.AdminRoute;
import dev.breakwater.gc.Du;
import dev.breakwater.gc.Scrub;
import dev.breakwater.gc.Sweeper;
import dev.breakwater.mirror.Downloads;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** What operators see of the cache, and what they can have done to it, in the admin API. */
final class CacheAdminApi {
  private final Vertx vertx;
  private final ServedCache cache;
  private final Downloads downloads;
  private final Scrub scrub;

  CacheAdminApi(Vertx vertx, ServedCache cache, Downloads downloads, Scrub scrub) {
    this.vertx = vertx;
    this.cache = cache;
    this.downloads = downloads;
    this.scrub = scrub;
  }

  List<AdminRoute> routes() {
    return List.of(
        new AdminRoute(
            "/api/downloads", ignored -> answer(200, Map.of("downloads", downloads.list()))),
        new AdminRoute("/api/scrub", ignored -> answer(200, scrub.status())),
        AdminRoute.post("/api/scrub", Set.of(), ignored -> startScrub()),
        new AdminRoute("/api/gc", ignored -> sweeps()),
        AdminRoute.post("/api/gc", Set.of("dryRun"), this::sweep),
        new AdminRoute("/api/du", ignored -> du()));
  }

  private Future<AdminAnswer> startScrub() {
    return answer(scrub.request() ? 202 : 409, scrub.status());
  }

  private Future<AdminAnswer> sweeps() {
    Sweeper.Status status = cache.sweeper().status();
    Map<String, Object> document = new LinkedHashMap<>();
    document.put("running", status.running().orElse(0L));
    status.last().ifPresent(report -> document.put("last", report));
    return answer(200, document);
  }

  /** {@code ?dryRun=true}, or none. */
  private Future<AdminAnswer> sweep(Map<String, String> parameters) {
    String value = parameters.getOrDefault("dryRun", "false");
    if (!value.equals("true") && !value.equals("false")) {
      return Future.succeededFuture(AdminAnswer.error(400, "say dryRun=true, or nothing"));
    }
    boolean dryRun = value.equals("true");
    return answer(202, Map.of("id", cache.sweeper().request(dryRun), "dryRun", dryRun));
  }

  private Future<AdminAnswer> du() {
    return vertx
        .executeBlocking(() -> Du.of(cache.facts(), true), false)
        .map(du -> AdminAnswer.json(200, Objects.requireNonNull(du)));
  }

  private static Future<AdminAnswer> answer(int status, Object document) {
    return Future.succeededFuture(AdminAnswer.json(status, document));
  }
}
