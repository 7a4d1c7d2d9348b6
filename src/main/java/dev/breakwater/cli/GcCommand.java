package dev.breakwater.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.breakwater.app.StartupException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code breakwater gc}: deletes unreferenced and idle content, now. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Delete content that was not used for cache.maxIdle, and unreferenced content.",
      "A server that runs does it by itself every gc.interval; this asks it to do so now, or does"
          + " it to a data directory that no server uses."
    },
    footer = {"", "Exit codes: 0 done, 1 it cannot be done, 2 wrong flag or configuration."})
final class GcCommand extends DataCommand {
  private static final long POLL_MILLIS = 200;

  @Option(names = "--dry-run", description = "Only say what would be deleted.")
  private boolean dryRun;

  GcCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(DataDirectory directory) throws StartupException, InterruptedException {
    JsonNode report = directory.ask(cache -> cache.sweep(dryRun), this::askServer);
    print(report);
    return report.path("outcome").asText().equals("done") ? 0 : 1;
  }

  private JsonNode askServer(AdminClient server) throws StartupException, InterruptedException {
    long id = server.post("/api/gc?dryRun=" + dryRun).path("id").asLong();
    while (true) {
      JsonNode last = server.get("/api/gc").path("last");
      if (last.path("id").asLong() >= id) {
        return last;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void print(JsonNode report) {
    boolean dry = report.path("dryRun").asBoolean();
    terminal()
        .out()
        .printf(
            "%s in %.1f s%s%n",
            report.path("outcome").asText(),
            report.path("seconds").asDouble(),
            dry ? "; nothing was deleted, this would be:" : "; deleted:");
    line(report, "blobs", "blobs", report.path("blobBytes").asLong());
    line(report, "downloads", "rests of downloads", report.path("downloadBytes").asLong());
    line(report, "manifests", "manifests", -1);
    line(report, "tags", "tags", -1);
    line(report, "links", "links", -1);
    line(report, "referrers", "listings of referrers", -1);
    terminal()
        .out()
        .printf(
            "%d wait for their grace to end; %d blobs are left; the log names each and why%n",
            report.path("waiting").asLong(), report.path("kept").asLong());
    terminal().out().flush();
  }

  private void line(JsonNode report, String field, String name, long bytes) {
    terminal()
        .out()
        .printf(
            "%10d %s%s%n",
            report.path(field).asLong(), name, bytes < 0 ? "" : ", " + Sizes.text(bytes));
  }
}
