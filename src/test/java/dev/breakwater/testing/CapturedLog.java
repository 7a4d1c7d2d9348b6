package dev.breakwater.testing;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;

/** What one class logs at INFO and above, from any thread, until this is closed. */
public final class CapturedLog implements AutoCloseable {
  private final List<ILoggingEvent> events = new CopyOnWriteArrayList<>();
  private final Logger logger;
  private final @Nullable Level level;
  private final AppenderBase<ILoggingEvent> appender =
      new AppenderBase<>() {
        @Override
        protected void append(ILoggingEvent event) {
          event.prepareForDeferredProcessing();
          events.add(event);
        }
      };

  private CapturedLog(Logger logger) {
    this.logger = logger;
    this.level = logger.getLevel();
    logger.setLevel(Level.INFO);
    appender.setContext(logger.getLoggerContext());
    appender.start();
    logger.addAppender(appender);
  }

  /** Begins to listen. */
  public static CapturedLog of(String logger) {
    return new CapturedLog((Logger) LoggerFactory.getLogger(logger));
  }

  /** Begins to listen. */
  public static CapturedLog of(Class<?> logging) {
    return of(logging.getName());
  }

  /** The lines until now, each with its level in front. */
  public List<String> lines() {
    return events.stream()
        .map(event -> event.getLevel() + " " + event.getFormattedMessage())
        .toList();
  }

  /** The key-value pairs of the lines until now, each line as {@code key="value"} with spaces. */
  public List<String> fields() {
    return events.stream()
        .map(
            event ->
                event.getKeyValuePairs() == null
                    ? ""
                    : event.getKeyValuePairs().stream()
                        .map(pair -> pair.key + "=\"" + pair.value + "\"")
                        .collect(Collectors.joining(" ")))
        .toList();
  }

  @Override
  public void close() {
    logger.detachAppender(appender);
    logger.setLevel(level);
  }
}
