package dev.breakwater.registry;

/**
 * An answer and how it came about.
 *
 * @param value the answer
 * @param provenance how it came about
 */
public record Served<T>(T value, Provenance provenance) {}
