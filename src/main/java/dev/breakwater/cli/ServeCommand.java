package dev.breakwater.cli;

import dev.breakwater.app.Application;
import dev.breakwater.app.StartupException;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.logging.LogSetup;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
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
      "A flag beats an environment variable (BREAKWATER_CACHE_MAX_SIZE), which beats the file,",
      "which beats the default. conf/breakwater.yaml names and explains every key.",
      "Exit codes: 1 cannot start, 2 wrong flag or configuration."
    })
final class ServeCommand implements Callable<Integer> {
  private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

  @Mixin private final ConfigOptions options = new ConfigOptions();

  private final Terminal terminal;

  ServeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws StartupException {
    EffectiveConfig effective = options.load(terminal.environment());
    Config config = effective.config();
    LogSetup logs = LogSetup.apply(config.log());
    try {
      effective.warnings().forEach(log::warn);
      run(Application.start(config, terminal.environment()), config, logs);
      return 0;
    } catch (StartupException e) {
      log.debug("cannot start", e);
      throw e;
    } finally {
      logs.close();
    }
  }

  private void run(Application application, Config config, LogSetup logs) {
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
    try (application) {
      greet(application, config);
      application.awaitTermination();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      forget(hook);
    }
  }

  /** Beside JSON lines on standard output the banner would be noise, so it moves over. */
  private void greet(Application application, Config config) {
    boolean text = LogSetup.effectiveFormat(config.log().format()) == LogFormat.TEXT;
    PrintWriter writer = text ? terminal.out() : terminal.err();
    writer.print(
        StartupBanner.of(config, MachineName.find()).holding(application.cacheBytes()).text());
    writer.flush();
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      log.trace("the hook is running already", e);
    }
  }
}
