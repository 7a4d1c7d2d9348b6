package dev.breakwater.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.breakwater.app.OfflineCache;
import dev.breakwater.app.StartupException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;

/** {@code breakwater du}: what the cache holds by zone, and what sharing saves. */
@Command(
    name = "du",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Say what the cache holds by registry, and what it would hold if every repository kept its"
          + " own copies.",
      "Asks the server that runs, or looks into a data directory that none uses."
    },
    footer = {"", "Exit codes: 0 done, 1 it cannot be told, 2 wrong flag or configuration."})
final class DuCommand extends DataCommand {
  DuCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(DataDirectory directory) throws StartupException, InterruptedException {
    print(directory.ask(OfflineCache::du, server -> server.get("/api/du")));
    return 0;
  }

  private void print(JsonNode du) {
    PrintWriter out = terminal().out();
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
