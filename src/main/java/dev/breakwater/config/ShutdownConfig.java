package dev.breakwater.config;

import java.time.Duration;

/**
 * How the server ends.
 *
 * @param grace how long transfers to clients may go on after SIGTERM; zero cuts them at once
 */
public record ShutdownConfig(Duration grace) {}
