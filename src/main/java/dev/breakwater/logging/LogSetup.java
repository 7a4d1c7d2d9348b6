package dev.breakwater.logging;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import dev.breakwater.config.LogConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.config.LogLevel;
import java.io.Console;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
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
  private final PrintStream out = System.out;
  private final PrintStream err = System.err;
  private final Thread.@Nullable UncaughtExceptionHandler uncaught =
      Thread.getDefaultUncaughtExceptionHandler();

  private LogSetup(LoggerContext context) {
    this.context = context;
  }

  /** Replaces the logging of the whole process. */
  public static LogSetup apply(LogConfig config) {
    return apply(effectiveFormat(config.format(), isWatched()), config.level());
  }

  /**
   * The same with a format that is not {@code auto}. With JSON nothing but log lines is written to
   * standard output and standard error from now on, whatever prints there.
   */
  public static LogSetup apply(LogFormat format, LogLevel level) {
    LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
    LogSetup setup = new LogSetup(context);
    context.reset();
    context.start();

    OutputStreamAppender<ILoggingEvent> console = new OutputStreamAppender<>();
    console.setContext(context);
    console.setEncoder(encoder(format, context));
    console.setOutputStream(new Unclosed(setup.out));
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
    root.setLevel(libraryLevel(level));
    context.getLogger(OURS).setLevel(Level.valueOf(level.name()));
    Thread.setDefaultUncaughtExceptionHandler(
        (thread, failure) ->
            LoggerFactory.getLogger(LogSetup.class)
                .error("thread {} ended by an error", thread.getName(), failure));
    if (format == LogFormat.JSON) {
      System.setOut(StrayOutput.loggedAs("stdout", org.slf4j.event.Level.INFO));
      System.setErr(StrayOutput.loggedAs("stderr", org.slf4j.event.Level.WARN));
    }
    return setup;
  }

  /** {@code auto} made definite: text when a person is watching. */
  public static LogFormat effectiveFormat(LogFormat format, boolean watched) {
    if (format != LogFormat.AUTO) {
      return format;
    }
    return watched ? LogFormat.TEXT : LogFormat.JSON;
  }

  /** Whether this process writes to a terminal. */
  public static boolean isWatched() {
    return Optional.ofNullable(System.console()).map(Console::isTerminal).orElse(false);
  }

  /** Writes what is queued, at most for two seconds, and ends logging; a second caller waits. */
  @Override
  public synchronized void close() {
    context.stop();
    System.setOut(out);
    System.setErr(err);
    Thread.setDefaultUncaughtExceptionHandler(uncaught);
  }

  /** A stream that the end of logging does not close. */
  private static final class Unclosed extends FilterOutputStream {
    Unclosed(OutputStream stream) {
      super(stream);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      flush();
    }
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
