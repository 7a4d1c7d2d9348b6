package dev.breakwater.admin;

import io.vertx.core.Future;
import java.util.Map;
import java.util.function.Function;

/**
 * One read-only page of the admin listener.
 *
 * @param path the exact path
 * @param handler makes the answer from the query's parameters (the first value of each); called on
 *     an event loop, so it must not block. A failure is answered with 500 and logged.
 */
public record AdminRoute(String path, Function<Map<String, String>, Future<AdminAnswer>> handler) {}
