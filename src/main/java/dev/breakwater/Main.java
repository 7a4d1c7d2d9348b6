package dev.breakwater;

import dev.breakwater.cli.BreakwaterCommand;
import dev.breakwater.cli.Terminal;

/** The class that {@code bin/breakwater} starts. */
public final class Main {
  private Main() {}

  /** Runs the command and ends the JVM with its exit code. */
  public static void main(String[] args) {
    System.exit(BreakwaterCommand.run(Terminal.ofProcess(), args));
  }
}
