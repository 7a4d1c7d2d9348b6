package dev.breakwater.cli;

import dev.breakwater.config.LogFormat;
import dev.breakwater.logging.LogSetup;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * What a command gets from the shell that runs it.
 *
 * @param out standard output
 * @param err standard error
 * @param environment all variables
 * @param interactive whether a person reads what is written
 */
public record Terminal(
    PrintWriter out, PrintWriter err, Map<String, String> environment, boolean interactive) {
  /** One that only programs read. */
  public Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {
    this(out, err, environment, false);
  }

  /** What this process was given. */
  public static Terminal ofProcess() {
    return new Terminal(
        new PrintWriter(System.out, true, Charset.defaultCharset()),
        new PrintWriter(System.err, true, Charset.defaultCharset()),
        System.getenv(),
        LogSetup.isWatched());
  }

  /** {@code auto} made definite for this terminal. */
  LogFormat effective(LogFormat format) {
    return LogSetup.effectiveFormat(format, interactive);
  }

  /** What can be told of the format before the configuration has been read. */
  LogFormat presumedFormat() {
    String chosen = environment.getOrDefault("BREAKWATER_LOG_FORMAT", "auto");
    return switch (chosen) {
      case "text" -> LogFormat.TEXT;
      case "json" -> LogFormat.JSON;
      default -> effective(LogFormat.AUTO);
    };
  }

  /** A line of advice that stops nothing. */
  void warn(String warning) {
    err.println("breakwater: warning: " + warning);
    err.flush();
  }
}
