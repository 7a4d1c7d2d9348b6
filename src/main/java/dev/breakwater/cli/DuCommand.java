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
      "Show the size of the cached content by registry, and what it would be without sharing: with"
          + " a copy of each blob in every repository.",
      "Asks the running server, or reads a data directory that no server uses."
    },
    footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong flag or configuration."})
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
    out.printf(
        "%-24s %12s %10s %15s %12s%n",
        "registry", "repositories", "blobs", "without sharing", "on disk");
    for (DiskUsage.ZoneUsage zone : usage.registries()) {
      out.printf(
          "%-24s %12d %10d %15s %12s%n",
          zone.name(),
          zone.repositories(),
          zone.links(),
          Sizes.text(zone.logicalBytes()),
          Sizes.text(zone.distinctBytes()));
    }
    out.printf(
        "%d blobs, %s on disk; without sharing they would be %s%n",
        usage.blobs(), Sizes.text(usage.blobBytes()), Sizes.text(usage.logicalBytes()));
    out.flush();
  }
}
