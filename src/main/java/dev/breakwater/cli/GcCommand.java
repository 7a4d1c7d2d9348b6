package dev.breakwater.cli;

import dev.breakwater.admin.api.QueuedSweep;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.app.StartupException;
import java.io.PrintWriter;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code breakwater gc}: deletes unreferenced and idle content, now. */
@Command(
    name = "gc",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Delete content that was not used for cache.maxIdle, and unreferenced content.",
      "A running server does this by itself every gc.interval. The command asks it to do so now, or"
          + " works on a data directory that no server uses."
    },
    footer = {"", "Exit codes: 0 done, 1 failed, 2 wrong flag or configuration."})
final class GcCommand extends DataCommand {
  private static final long POLL_MILLIS = 200;

  @Option(names = "--dry-run", description = "Only print what would be deleted.")
  private boolean dryRun;

  GcCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(DataDirectory directory) throws StartupException, InterruptedException {
    SweepInfo report = directory.ask(cache -> cache.sweep(dryRun), this::askServer);
    print(report);
    return report.outcome().equals("done") ? 0 : 1;
  }

  private SweepInfo askServer(AdminClient server) throws StartupException, InterruptedException {
    long id = server.post("/api/gc?dryRun=" + dryRun, QueuedSweep.class).id();
    while (true) {
      SweepInfo last = server.get("/api/gc", SweepStatus.class).last();
      if (last != null && last.id() >= id) {
        return last;
      }
      Thread.sleep(POLL_MILLIS);
    }
  }

  private void print(SweepInfo report) {
    PrintWriter out = terminal().out();
    out.printf(
        "garbage collection %s in %.1f s%s%n",
        report.outcome(),
        report.seconds(),
        report.dryRun() ? "; nothing was deleted, this would be:" : "; deleted:");
    line(report.blobs(), "blobs, " + Sizes.text(report.blobBytes()));
    line(report.downloads(), "unfinished downloads, " + Sizes.text(report.downloadBytes()));
    line(report.manifests(), "manifests");
    line(report.tags(), "tags");
    line(report.links(), "links");
    line(report.referrers(), "referrers lists");
    out.printf(
        "%d links wait for gc.grace; %d blobs are kept; the log names what is deleted, and why%n",
        report.waiting(), report.kept());
    out.flush();
  }

  private void line(long count, String what) {
    terminal().out().printf("%10d %s%n", count, what);
  }
}
