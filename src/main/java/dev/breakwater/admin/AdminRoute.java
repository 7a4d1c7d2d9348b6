package dev.breakwater.admin;

import io.vertx.core.Future;
import java.util.Map;
import java.util.function.Function;

/**
 * One page of the admin listener, or one thing it can be told to do.
 *
 * @param method {@code GET}, which also answers HEAD, or {@code POST} for what changes something
 * @param path the exact path
 * @param handler makes the answer from the query's parameters (the first value of each); called on
 *     an event loop, so it must not block. A failure is answered with 500 and logged.
 */
public record AdminRoute(
    String method, String path, Function<Map<String, String>, Future<AdminAnswer>> handler) {
  /** A read-only page. */
  public AdminRoute(String path, Function<Map<String, String>, Future<AdminAnswer>> handler) {
    this("GET", path, handler);
  }

  /** Something to do; a browser's request on behalf of another site is refused. */
  public static AdminRoute post(
      String path, Function<Map<String, String>, Future<AdminAnswer>> handler) {
    return new AdminRoute("POST", path, handler);
  }
}
