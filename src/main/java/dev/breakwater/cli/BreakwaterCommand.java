package dev.breakwater.cli;

import dev.breakwater.app.StartupException;
import dev.breakwater.config.ConfigException;
import dev.breakwater.config.LogFormat;
import dev.breakwater.config.LogLevel;
import dev.breakwater.logging.LogSetup;
import dev.breakwater.oci.DiskReason;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Failures are lines on standard error, one for each, of {@code serve} with JSON
 * logs log lines; exit code 1 when Breakwater cannot start, 2 when the command line or the
 * configuration is wrong.
 */
@Command(
    name = "breakwater",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "A pull-through caching mirror for Docker Hub and every other registry.")
public final class BreakwaterCommand {
  private static final Logger log = LoggerFactory.getLogger(BreakwaterCommand.class);
  private static final int CANNOT_START = 1;
  private static final int WRONG_USAGE = 2;
  private static final int HELP_WIDTH = 100;

  /** How the library of the command line quotes a failure: a class and its message. */
  private static final Pattern JAVA_FAILURE =
      Pattern.compile("\\((?:\\w+\\.)+\\w+(?:Exception|Error): (.*)\\)");

  @Option(
      names = "--verbose",
      scope = ScopeType.INHERIT,
      description = "Show the stack trace of a failure.")
  private boolean verbose;

  private final PrintWriter err;

  /** JSON for a server whose lines a program reads. */
  private LogFormat format;

  private BreakwaterCommand(PrintWriter err, LogFormat format) {
    this.err = err;
    this.format = format;
  }

  /** Runs the command in this process; the result is the exit code. */
  public static int run(Terminal terminal, String... args) {
    boolean serves = List.of(args).contains("serve");
    BreakwaterCommand command =
        new BreakwaterCommand(terminal.err(), serves ? terminal.presumedFormat() : LogFormat.TEXT);
    CommandLine config =
        new CommandLine(new ConfigCommand())
            .addSubcommand(new ConfigCommand.Print(terminal))
            .addSubcommand(new ConfigCommand.Verify(terminal));
    return new CommandLine(command)
        .addSubcommand(new ServeCommand(terminal, configured -> command.format = configured))
        .addSubcommand(config)
        .addSubcommand(new FsckCommand(terminal))
        .addSubcommand(new GcCommand(terminal))
        .addSubcommand(new DuCommand(terminal))
        .addSubcommand(new HtpasswdCommand(terminal, System.in))
        .addSubcommand(new ClientConfigCommand(terminal))
        .addSubcommand(new HelpCommand(terminal))
        .setOut(terminal.out())
        .setErr(terminal.err())
        .setUsageHelpWidth(HELP_WIDTH)
        .setParameterExceptionHandler((failure, ignored) -> command.wrongUsage(failure))
        .setExecutionExceptionHandler((failure, line, ignored) -> command.failed(failure))
        .execute(args);
  }

  private int wrongUsage(ParameterException failure) {
    String message = usageProblem(failure);
    report(
        List.of(
            message.substring(0, 1).toLowerCase(Locale.ROOT)
                + message.substring(1)
                + suggestion(failure)
                + " See '"
                + failure.getCommandLine().getCommandSpec().qualifiedName()
                + " --help'."),
        failure);
    return WRONG_USAGE;
  }

  /** In one line; an unknown command is called so, and not an argument at an index. */
  private static String usageProblem(ParameterException failure) {
    if (failure instanceof UnmatchedArgumentException unmatched && !unmatched.isUnknownOption()) {
      String what =
          failure.getCommandLine().getSubcommands().isEmpty()
              ? "unexpected argument"
              : "unknown command";
      return what + " '" + unmatched.getUnmatched().getFirst() + "'";
    }
    return String.valueOf(failure.getMessage())
        .lines()
        .map(String::strip)
        .map(line -> JAVA_FAILURE.matcher(line).replaceAll("($1)"))
        .collect(Collectors.joining(" "));
  }

  private static String suggestion(ParameterException failure) {
    List<String> meant =
        failure instanceof UnmatchedArgumentException unmatched
            ? unmatched.getSuggestions()
            : List.of();
    return meant.isEmpty() ? "." : "; did you mean " + meant.getFirst() + "?";
  }

  private int failed(Exception failure) {
    switch (failure) {
      case ConfigException wrong -> {
        report(wrong.problems(), wrong);
        return WRONG_USAGE;
      }
      case StartupException cannot -> report(List.of(String.valueOf(cannot.getMessage())), cannot);
      default ->
          report(
              List.of(
                  "internal error"
                      + unforeseen(failure)
                      + "; run it again with --verbose and report what that shows"),
              failure);
    }
    return CANNOT_START;
  }

  /** A disk's failure can be told; other failures speak of the code. */
  private static String unforeseen(Exception failure) {
    return switch (failure) {
      case IOException io -> ": " + DiskReason.of(io);
      case UncheckedIOException unchecked when unchecked.getCause() != null ->
          ": " + DiskReason.of(unchecked.getCause());
      default -> "";
    };
  }

  private void report(List<String> messages, Exception failure) {
    if (format == LogFormat.JSON) {
      try (LogSetup _ = LogSetup.apply(format, LogLevel.ERROR)) {
        messages.forEach(message -> log.error("{}", message, verbose ? failure : null));
      }
      return;
    }
    messages.forEach(message -> err.println("breakwater: " + message));
    if (verbose) {
      failure.printStackTrace(err);
    }
    err.flush();
  }
}
