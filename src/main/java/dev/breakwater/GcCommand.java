package dev.breakwater;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.config.Config;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.gc.Sweeper;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code breakwater gc}: deletes what is of no use any more, now. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    description = {
      "Delete what nobody used for cache.maxIdle and what belongs to nothing.",
      "A server that runs does it by itself every gc.interval; this asks it to do so now, or does"
          + " it to a data directory that no server uses."
    },
    footer = {"", "Exit codes: 0 done, 1 it cannot be done, 2 wrong flag or configuration."})
final class GcCommand implements Callable<Integer> {
  private static final long POLL_MILLIS = 200;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Option(names = "--dry-run", description = "Only say what would be deleted.")
  private boolean dryRun;

  private final Terminal terminal;

  GcCommand(Terminal terminal) {
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
      JsonNode report = lock.isPresent() ? sweepDirectory(config, data) : askServer(config);
      print(report);
      return report.path("outcome").asText().equals("done") ? 0 : 1;
    } finally {
      lock.ifPresent(DataDirectoryLock::close);
      logs.close();
    }
  }

  private JsonNode sweepDirectory(Config config, Path data) throws StartupException {
    try (OfflineCache cache = OfflineCache.open(data)) {
      Sweeper sweeper = cache.sweeper(ServedCache.sweeperSettings(config, false));
      return new ObjectMapper().valueToTree(sweeper.sweepNow(1, dryRun));
    }
  }

  private JsonNode askServer(Config config) throws StartupException, InterruptedException {
    try (AdminClient server = new AdminClient(config.admin().address())) {
      long id = server.post("/api/gc?dryRun=" + dryRun).path("id").asLong();
      while (true) {
        JsonNode last = server.get("/api/gc").path("last");
        if (last.path("id").asLong() >= id) {
          return last;
        }
        Thread.sleep(POLL_MILLIS);
      }
    }
  }

  private void print(JsonNode report) {
    boolean dry = report.path("dryRun").asBoolean();
    terminal
        .out()
        .printf(
            "%s in %.1f s%s%n",
            report.path("outcome").asText(),
            report.path("seconds").asDouble(),
            dry ? "; nothing was deleted, this would be:" : "; deleted:");
    line(report, "blobs", "blobs", report.path("blobBytes").asLong());
    line(report, "fills", "rests of downloads", report.path("fillBytes").asLong());
    line(report, "manifests", "manifests", -1);
    line(report, "tags", "tags", -1);
    line(report, "links", "links", -1);
    line(report, "referrers", "listings of referrers", -1);
    terminal
        .out()
        .printf(
            "%d wait for their grace to end; %d blobs are left; the log names each and why%n",
            report.path("waiting").asLong(), report.path("kept").asLong());
    terminal.out().flush();
  }

  private void line(JsonNode report, String field, String name, long bytes) {
    terminal
        .out()
        .printf(
            "%10d %s%s%n",
            report.path(field).asLong(), name, bytes < 0 ? "" : ", " + Sizes.text(bytes));
  }
}
