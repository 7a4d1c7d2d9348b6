package dev.breakwater.config;

import java.time.Duration;

/**
 * When unreferenced content is deleted.
 *
 * @param interval between two sweeps; above zero
 * @param grace for how long something must be unreferenced before it goes
 */
public record GcConfig(Duration interval, Duration grace) {}
