package dev.breakwater.admin;

import dev.breakwater.admin.api.QueuedSweep;
import io.vertx.core.Future;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The pages of the admin API about the cache. */
public final class CacheAdminApi {
  private final CacheOperations cache;

  /** Pages that show and do what the operations do. */
  public CacheAdminApi(CacheOperations cache) {
    this.cache = cache;
  }

  /** All of them. */
  public List<AdminRoute> routes() {
    return List.of(
        new AdminRoute("/api/downloads", ignored -> answer(200, cache.downloads())),
        new AdminRoute("/api/scrub", ignored -> answer(200, cache.scrub())),
        AdminRoute.post("/api/scrub", Set.of(), ignored -> startScrub()),
        new AdminRoute("/api/gc", ignored -> answer(200, cache.sweeps())),
        AdminRoute.post("/api/gc", Set.of("dryRun"), this::startSweep),
        new AdminRoute(
            "/api/du", ignored -> cache.diskUsage().map(usage -> AdminAnswer.json(200, usage))));
  }

  private Future<AdminAnswer> startScrub() {
    return cache.startScrub()
        ? command(202, cache.scrub(), "a pass of the scrubber begins after the one that runs")
        : command(409, cache.scrub(), "refused: scrub.rate is off");
  }

  /** {@code ?dryRun=true}, or none. */
  private Future<AdminAnswer> startSweep(Map<String, String> parameters) {
    String value = parameters.getOrDefault("dryRun", "false");
    if (!value.equals("true") && !value.equals("false")) {
      return Future.succeededFuture(AdminAnswer.error(400, "dryRun must be true or false"));
    }
    boolean dryRun = value.equals("true");
    long id = cache.startSweep(dryRun);
    return command(
        202,
        new QueuedSweep(id, dryRun),
        "sweep " + id + " is queued" + (dryRun ? ", which deletes nothing" : ""));
  }

  private static Future<AdminAnswer> command(int status, Object document, String result) {
    return Future.succeededFuture(AdminAnswer.json(status, document).withResult(result));
  }

  private static Future<AdminAnswer> answer(int status, Object document) {
    return Future.succeededFuture(AdminAnswer.json(status, document));
  }
}
