package dev.breakwater.config;

/**
 * How log lines look and which are written.
 *
 * @param format text for people, JSON for machines
 * @param level the least important level that is written
 */
public record LogConfig(LogFormat format, LogLevel level) {}
