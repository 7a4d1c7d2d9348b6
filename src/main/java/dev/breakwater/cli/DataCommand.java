package dev.breakwater.cli;

import dev.breakwater.app.StartupException;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.logging.LogSetup;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command about a data directory, which the configuration names. */
abstract class DataCommand implements Callable<Integer> {
  @Mixin private final ConfigOptions options = new ConfigOptions();

  private final Terminal terminal;

  DataCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public final Integer call() throws StartupException, InterruptedException {
    EffectiveConfig effective = options.loadToAsk(terminal.environment());
    effective.warnings().forEach(terminal::warn);
    Config config = effective.config();
    try (LogSetup _ = LogSetup.apply(config.log())) {
      return run(new DataDirectory(config, options.adminGiven()));
    }
  }

  /** Does it; the exit code. */
  abstract int run(DataDirectory directory) throws StartupException, InterruptedException;

  Terminal terminal() {
    return terminal;
  }
}
