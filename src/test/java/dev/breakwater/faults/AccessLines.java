package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.slf4j.LoggerFactory;

/** What the whole product writes to its log from now on, apart by access lines and others. */
final class AccessLines implements AutoCloseable {
  private final BlockingQueue<Map<String, String>> lines = new LinkedBlockingQueue<>();
  private final List<String> warnings = new CopyOnWriteArrayList<>();
  private final Logger access = (Logger) LoggerFactory.getLogger("access");
  private final Logger product = (Logger) LoggerFactory.getLogger("dev.breakwater");
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          take(event);
        }
      };

  AccessLines() {
    appender.start();
    access.setLevel(Level.INFO);
    access.addAppender(appender);
    product.addAppender(appender);
  }

  private void take(ILoggingEvent event) {
    if (event.getLoggerName().equals("access")) {
      lines.add(
          event.getKeyValuePairs().stream()
              .collect(Collectors.toMap(pair -> pair.key, pair -> String.valueOf(pair.value))));
    } else if (event.getLevel().isGreaterOrEqual(Level.WARN)) {
      warnings.add(event.getFormattedMessage());
    }
  }

  /** The facts of the next access line; waits for it. */
  Map<String, String> next() {
    try {
      Map<String, String> line = lines.poll(20, TimeUnit.SECONDS);
      assertThat(line).as("an access line").isNotNull();
      return line;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /** Whether no access line is left. */
  boolean isEmpty() {
    return lines.isEmpty();
  }

  /** Other lines, of WARN or above. */
  List<String> warnings() {
    return List.copyOf(warnings);
  }

  @Override
  public void close() {
    access.detachAppender(appender);
    product.detachAppender(appender);
    access.setLevel(null);
  }
}
