package dev.breakwater.config;

/** The shape of a log line. */
public enum LogFormat {
  /** Text on a terminal, JSON otherwise. */
  AUTO,
  /** One line for people. */
  TEXT,
  /** One JSON object a line. */
  JSON
}
