package dev.breakwater.cli;

import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.app.StartupException;
import dev.breakwater.gc.Fsck;
import dev.breakwater.gc.FsckFinding;
import dev.breakwater.index.IndexException;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code breakwater fsck}: checks a data directory while no server uses it. */
@Command(
    name = "fsck",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Check the files and the index of a data directory that no server uses.",
    footer = {
      "",
      "Each finding is one line: the file, what is wrong with it, what to do or what was done.",
      "Exit codes: 0 no problem, or all repaired; 1 the check failed, 2 wrong flag or",
      "configuration, 3 problems are left."
    })
final class FsckCommand extends DataCommand {
  private static final int WRONG = 3;

  @Option(
      names = "--repair",
      description = "Repair what can be repaired without losing intact content.")
  private boolean repair;

  @Option(names = "--quick", description = "Do not read the blobs that the index lists.")
  private boolean quick;

  FsckCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(DataDirectory directory) throws StartupException, InterruptedException {
    Path data = directory.path();
    if (!Files.isDirectory(data)) {
      throw new StartupException(
          "data directory "
              + Quoted.escape(data.toString())
              + " does not exist; give the one that 'serve' uses with --data");
    }
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(data)) {
      return check(data);
    }
  }

  /** The lock is held by the caller. */
  private int check(Path data) throws StartupException, InterruptedException {
    Fsck fsck = new Fsck(data, quick, Clock.systemUTC(), this::tell);
    try {
      Fsck.Result result = repair ? fsck.repair() : fsck.check();
      summarize(result);
      return result.left() == 0 ? 0 : WRONG;
    } catch (IOException e) {
      throw unreadable(data, DiskReason.withFile(e), e);
    } catch (IndexException e) {
      throw unreadable(data, String.valueOf(e.getMessage()), e);
    }
  }

  private static StartupException unreadable(Path data, String reason, Exception e) {
    return new StartupException(
        "data directory "
            + Quoted.escape(data.toString())
            + " cannot be checked: "
            + reason
            + "; check the disk",
        e);
  }

  private void tell(FsckFinding finding, boolean repaired) {
    terminal().out().println(finding.line(repaired));
    terminal().out().flush();
  }

  private void summarize(Fsck.Result result) {
    PrintWriter out = terminal().out();
    out.printf(
        "%d blobs, %d bytes%s, %d findings%s%n",
        result.blobs(),
        result.bytes(),
        quick ? "" : " read",
        result.findings(),
        repair ? ", " + result.left() + " left" : "");
    out.flush();
  }
}
