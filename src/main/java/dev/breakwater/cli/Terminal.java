package dev.breakwater.cli;

import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.util.Map;

/**
 * What a command gets from the shell that runs it.
 *
 * @param out standard output
 * @param err standard error
 * @param environment all variables
 */
public record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {
  /** What this process was given. */
  public static Terminal ofProcess() {
    return new Terminal(
        new PrintWriter(System.out, true, Charset.defaultCharset()),
        new PrintWriter(System.err, true, Charset.defaultCharset()),
        System.getenv());
  }

  /** A line of advice that stops nothing. */
  void warn(String warning) {
    err.println("breakwater: warning: " + warning);
    err.flush();
  }
}
