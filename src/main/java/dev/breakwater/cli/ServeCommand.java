package dev.breakwater.cli;

import dev.breakwater.app.Application;
import dev.breakwater.app.StartReport;
import dev.breakwater.app.StartupException;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.logging.LogSetup;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code breakwater serve}: runs until a signal comes. */
@Command(
    name = "serve",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Run the mirror until SIGTERM or Ctrl-C.",
    footer = {
      "",
      "A flag overrides an environment variable (BREAKWATER_CACHE_MAX_SIZE), which overrides the",
      "file, which overrides the default. conf/breakwater.yaml names and explains every key.",
      "Exit codes: 1 cannot start, 2 wrong flag or configuration."
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

  @Mixin private final ConfigOptions options = new ConfigOptions();

  private final Terminal terminal;
  private final Consumer<LogFormat> formatKnown;

  /**
   * One that runs with that terminal.
   *
   * @param formatKnown told the format of log lines as soon as the configuration has been read
   */
  ServeCommand(Terminal terminal, Consumer<LogFormat> formatKnown) {
    this.terminal = terminal;
    this.formatKnown = formatKnown;
  }

  @Override
  public Integer call() throws StartupException {
    EffectiveConfig effective = options.load(terminal.environment());
    Config config = effective.config();
    LogFormat format = terminal.effective(config.log().format());
    formatKnown.accept(format);
    LogSetup logs = LogSetup.apply(format, config.log().level());
    try {
      effective.warnings().forEach(log::warn);
      Application application = Application.start(config, terminal.environment());
      boolean greets = format == LogFormat.TEXT && terminal.interactive();
      run(application, greets ? () -> greet(config, application.started()) : () -> {}, logs);
      return 0;
    } catch (StartupException e) {
      log.debug("cannot start", e);
      throw e;
    } finally {
      logs.close();
    }
  }

  private static void run(Application application, Runnable greeting, LogSetup logs) {
    // The JVM ends when its hooks have run, without waiting for this thread: so the hook does all.
    Thread hook =
        new Thread(
            () -> {
              application.close();
              logs.close();
              // A stop that was asked for is a success, not the 143 that the JVM would make of it.
              Runtime.getRuntime().halt(0);
            },
            "shutdown");
    Runtime.getRuntime().addShutdownHook(hook);
    try (application;
        StopSignals _ = StopSignals.install(logs::close)) {
      greeting.run();
      application.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget(hook);
    }
  }

  /** Beside JSON lines, or in a file, it would be noise. */
  private void greet(Config config, StartReport started) {
    terminal.out().print(StartupBanner.of(config, MachineName.find()).at(started).text());
    terminal.out().flush();
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.trace("the hook is running already", e);
    }
  }
}
