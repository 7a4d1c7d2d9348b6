package dev.breakwater.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.breakwater.config.LogConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.config.LogLevel;
import java.io.Console;
import java.util.Optional;
import org.slf4j.LoggerFactory;

/**
 * Where log lines go: to standard output, through a queue, so that a full pipe never holds up a
 * request. When the queue is full, lines are lost rather than time. Set up in code, not by an XML
 * file: it depends on the configuration and saves the start-up an XML parser.
 */
public final class LogSetup implements AutoCloseable {
  private static final String OURS = "dev.breakwater";
  private static final int QUEUE_LINES = 8192;
  private static final int FLUSH_MILLIS = 2000;

  private final LoggerContext context;

  private LogSetup(LoggerContext context) {
    this.context = context;
  }

  /** Replaces the logging of the whole process. */
  public static LogSetup apply(LogConfig config) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    context.reset();

    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setContext(context);
    console.setEncoder(encoder(effectiveFormat(config.format()), context));
    console.start();

    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setQueueSize(QUEUE_LINES);
    queue.setDiscardingThreshold(0);
    queue.setNeverBlock(true);
    queue.setMaxFlushTime(FLUSH_MILLIS);
    queue.addAppender(console);
    queue.start();

    ch.qos.logback.classic.Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
    root.addAppender(queue);
    root.setLevel(libraryLevel(config.level()));
    context.getLogger(OURS).setLevel(Level.valueOf(config.level().name()));
    return new LogSetup(context);
  }

  /** {@code auto} made definite: text when a person is watching. */
  public static LogFormat effectiveFormat(LogFormat format) {
    if (format != LogFormat.AUTO) {
      return format;
    }
    boolean watched = Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
    return watched ? LogFormat.TEXT : LogFormat.JSON;
  }

  /** Writes what is queued, at most for two seconds, and ends logging; a second caller waits. */
  @Override
  public synchronized void close() {
    context.stop();
  }

  private static Encoder<ILoggingEvent> encoder(LogFormat format, LoggerContext context) {
    Encoder<ILoggingEvent> encoder =
        format == LogFormat.TEXT ? new TextLogEncoder() : new JsonLogEncoder();
    encoder.setContext(context);
    encoder.start();
    return encoder;
  }

  /** Netty and Vert.x say a lot at debug, and nothing there that our own lines need. */
  private static Level libraryLevel(LogLevel level) {
    return switch (level) {
      case ERROR -> Level.ERROR;
      case WARN -> Level.WARN;
      case INFO, DEBUG -> Level.INFO;
      case TRACE -> Level.DEBUG;
    };
  }
}
