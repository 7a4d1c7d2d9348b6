package dev.breakwater.cli;

import dev.breakwater.config.ConfigFile;
import dev.breakwater.config.ConfigLoader;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.config.FlagOverrides;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code breakwater config}: what the configuration says, without running it. */
@Command(
    name = "config",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    synopsisSubcommandLabel = "COMMAND",
    description = "Look at the configuration without running it.")
final class ConfigCommand {

  /** {@code config print}. */
  @Command(
      name = "print",
      mixinStandardHelpOptions = true,
      versionProvider = VersionText.class,
      description =
          "Print what 'serve' would use with the same flags and environment, as a file with the"
              + " source of each value.")
  static final class Print implements Runnable {
    @Mixin private final ConfigOptions options = new ConfigOptions();

    private final Terminal terminal;

    Print(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public void run() {
      EffectiveConfig effective = options.load(terminal.environment());
      effective.warnings().forEach(terminal::warn);
      terminal.out().print(effective.toYaml());
      terminal.out().flush();
    }
  }

  /** {@code config verify}. */
  @Command(
      name = "verify",
      mixinStandardHelpOptions = true,
      versionProvider = VersionText.class,
      description = "Check a file: exit code 0 when 'serve' would take it, 2 when not.")
  static final class Verify implements Runnable {
    @Parameters(paramLabel = "FILE", description = "The file to check.")
    private @Nullable Path file;

    private final Terminal terminal;

    Verify(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public void run() {
      ConfigLoader.load(
              Optional.ofNullable(file).map(ConfigFile::read), Map.of(), FlagOverrides.none())
          .warnings()
          .forEach(terminal::warn);
      terminal.out().println(file + " is valid");
      terminal.out().flush();
    }
  }
}
