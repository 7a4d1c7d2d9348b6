package dev.breakwater.config;

import java.time.Duration;

/**
 * When what is of no use is deleted.
 *
 * @param interval between two sweeps; above zero
 * @param grace for how long something must be of no use before it goes
 */
public record GcConfig(Duration interval, Duration grace) {}
