package dev.breakwater.cli;

import dev.breakwater.admin.api.DiskUsage;
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
    print(directory.ask(OfflineCache::diskUsage, server -> server.get("/api/du", DiskUsage.class)));
    return 0;
  }

  private void print(DiskUsage usage) {
    PrintWriter out = terminal().out();
    out.printf("%-24s %12s %10s %12s %12s%n", "registry", "repositories", "blobs", "each", "once");
    for (DiskUsage.ZoneUsage zone : usage.zones()) {
      out.printf(
          "%-24s %12d %10d %12s %12s%n",
          zone.name(),
          zone.repositories(),
          zone.links(),
          Sizes.text(zone.logicalBytes()),
          Sizes.text(zone.distinctBytes()));
    }
    out.printf(
        "%d blobs of %s on disk; with a copy for each repository they would be %s%n",
        usage.blobs(), Sizes.text(usage.blobBytes()), Sizes.text(usage.logicalBytes()));
    out.flush();
  }
}
