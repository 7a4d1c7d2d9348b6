package dev.breakwater.config;

/** The importance of a log line, most important first. */
public enum LogLevel {
  /** Something is lost or broken. */
  ERROR,
  /** Something wants attention. */
  WARN,
  /** What an operator wants to read in normal times. */
  INFO,
  /** What a developer wants to read. */
  DEBUG,
  /** Everything. */
  TRACE
}
