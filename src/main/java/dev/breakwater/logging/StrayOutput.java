package dev.breakwater.logging;

import java.io.ByteArrayOutputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Makes log lines of what the JDK or a library prints, so that a reader of JSON lines meets nothing
 * else. Thread-safe by the {@link PrintStream} around it.
 */
final class StrayOutput extends OutputStream {
  private static final int MAX_LINE = 8 * 1024;

  private final Logger log;
  private final Level level;
  private final ByteArrayOutputStream line = new ByteArrayOutputStream();

  /** Logging itself may print; that is dropped, or it would never end. */
  private boolean writing;

  private StrayOutput(String name, Level level) {
    this.log = LoggerFactory.getLogger(name);
    this.level = level;
  }

  /**
   * A stream whose lines are logged.
   *
   * @param name of the logger
   */
  static PrintStream loggedAs(String name, Level level) {
    return new PrintStream(new StrayOutput(name, level), true, StandardCharsets.UTF_8);
  }

  @Override
  public void write(int b) {
    if (b == '\n' || line.size() >= MAX_LINE) {
      end();
    }
    if (b != '\n' && b != '\r') {
      line.write(b);
    }
  }

  private void end() {
    String text = line.toString(StandardCharsets.UTF_8).stripTrailing();
    line.reset();
    if (text.isEmpty() || writing) {
      return;
    }
    writing = true;
    try {
      log.atLevel(level).log("{}", text);
    } finally {
      writing = false;
    }
  }
}
