package dev.breakwater.admin;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Future;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
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

  /**
   * Something to do; a browser's request on behalf of another site is refused. Each request is a
   * line of the audit log, with the result of its answer.
   *
   * @param parameters the names that the query may have: a request with another one, which is most
   *     likely a slip, is answered with 400 and nothing is done
   */
  public static AdminRoute post(
      String path,
      Set<String> parameters,
      Function<Map<String, String>, Future<AdminAnswer>> handler) {
    return new AdminRoute(
        "POST",
        path,
        given -> {
          Optional<String> unknown =
              given.keySet().stream().filter(name -> !parameters.contains(name)).findFirst();
          return unknown.isPresent()
              ? Future.succeededFuture(refusal(path, unknown.get(), parameters))
              : handler.apply(given);
        });
  }

  private static AdminAnswer refusal(String path, String name, Set<String> parameters) {
    return AdminAnswer.error(
        400,
        path
            + " has no parameter "
            + Quoted.of(name)
            + "; it takes "
            + (parameters.isEmpty() ? "none" : String.join(", ", new TreeSet<>(parameters))));
  }
}
