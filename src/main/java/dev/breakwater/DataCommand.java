package dev.breakwater;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Mixin;

/** A command about a data directory, which the configuration names. */
abstract class DataCommand implements Callable<Integer> {
  @Mixin private final ConfigOptions options = new ConfigOptions();

  private final Terminal terminal;

  DataCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /** Asks for an answer of which there is more than one way to get it. */
  interface Question<T, A> {
    A ask(T one) throws StartupException, InterruptedException;
  }

  @Override
  public final Integer call() throws StartupException, InterruptedException {
    EffectiveConfig effective = options.load(terminal.environment());
    effective.warnings().forEach(terminal::warn);
    Config config = effective.config();
    try (LogSetup _ = LogSetup.apply(config.log())) {
      return run(config);
    }
  }

  /** Does it; the exit code. */
  abstract int run(Config config) throws StartupException, InterruptedException;

  /** What the data directory answers if no server uses it, else what that server answers. */
  static JsonNode answer(
      Config config, Question<OfflineCache, ?> unused, Question<AdminClient, JsonNode> used)
      throws StartupException, InterruptedException {
    Path data = config.data().directory();
    Optional<DataDirectoryLock> lock = DataDirectoryLock.tryAcquire(data);
    if (lock.isEmpty()) {
      try (AdminClient server = new AdminClient(config.admin().address())) {
        return used.ask(server);
      }
    }
    try (DataDirectoryLock _ = lock.get();
        OfflineCache cache = OfflineCache.open(data)) {
      return new ObjectMapper().valueToTree(unused.ask(cache));
    }
  }

  Terminal terminal() {
    return terminal;
  }
}
