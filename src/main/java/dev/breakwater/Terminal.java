package dev.breakwater;

import java.io.PrintWriter;
import java.util.Map;

/**
 * What a command gets from the shell that runs it.
 *
 * @param out standard output
 * @param err standard error
 * @param environment all variables
 */
record Terminal(PrintWriter out, PrintWriter err, Map<String, String> environment) {
  /** A line of advice that stops nothing. */
  void warn(String warning) {
    err.println("breakwater: warning: " + warning);
    err.flush();
  }
}
