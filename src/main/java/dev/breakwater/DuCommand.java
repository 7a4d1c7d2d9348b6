package dev.breakwater;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.gc.Du;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code breakwater du}: what the cache holds by zone, and what sharing saves. */
@Command(
    name = "du",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Say what the cache holds by registry, and what it would hold if every repository kept its"
          + " own copies.",
      "Asks the server that runs, or looks into a data directory that none uses."
    },
    footer = {"", "Exit codes: 0 done, 1 it cannot be told, 2 wrong flag or configuration."})
final class DuCommand implements Callable<Integer> {
  @Mixin private final ConfigOptions options = new ConfigOptions();

  private final Terminal terminal;

  DuCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws StartupException, InterruptedException {
    EffectiveConfig effective = options.load(terminal.environment());
    effective.warnings().forEach(terminal::warn);
    Config config = effective.config();
    Path data = config.data().directory();
    LogSetup logs = LogSetup.apply(config.log());
    Optional<DataDirectoryLock> lock = DataDirectoryLock.tryAcquire(data);
    try {
      print(lock.isPresent() ? lookInto(data) : ask(config));
      return 0;
    } finally {
      lock.ifPresent(DataDirectoryLock::close);
      logs.close();
    }
  }

  private static JsonNode lookInto(Path data) throws StartupException {
    try (OfflineCache cache = OfflineCache.open(data)) {
      return new ObjectMapper().valueToTree(Du.of(cache.index()));
    }
  }

  private static JsonNode ask(Config config) throws StartupException, InterruptedException {
    try (AdminClient server = new AdminClient(config.admin().address())) {
      return server.get("/api/du");
    }
  }

  private void print(JsonNode du) {
    PrintWriter out = terminal.out();
    out.printf("%-24s %12s %10s %12s %12s%n", "registry", "repositories", "blobs", "each", "once");
    for (JsonNode zone : du.path("zones")) {
      out.printf(
          "%-24s %12d %10d %12s %12s%n",
          zone.path("name").asText(),
          zone.path("repositories").asLong(),
          zone.path("links").asLong(),
          Sizes.text(zone.path("logicalBytes").asLong()),
          Sizes.text(zone.path("distinctBytes").asLong()));
    }
    out.printf(
        "%d blobs of %s on disk; with a copy for each repository they would be %s%n",
        du.path("blobs").asLong(),
        Sizes.text(du.path("blobBytes").asLong()),
        Sizes.text(du.path("logicalBytes").asLong()));
    out.flush();
  }
}
