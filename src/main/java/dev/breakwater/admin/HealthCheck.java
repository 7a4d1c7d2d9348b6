package dev.breakwater.admin;

import io.vertx.core.Future;
import java.util.function.Supplier;

/**
 * One thing that must be well.
 *
 * @param name a word or two for the list of checks
 * @param check asks; fails with the reason if it is not well. Called from an event loop, so it must
 *     not block. Never about upstream: a mirror with a dead upstream must stay in rotation.
 */
public record HealthCheck(String name, Supplier<Future<Void>> check) {}
