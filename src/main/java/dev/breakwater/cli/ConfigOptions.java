package dev.breakwater.cli;

import dev.breakwater.config.ConfigException;
import dev.breakwater.config.ConfigFile;
import dev.breakwater.config.ConfigLoader;
import dev.breakwater.config.EffectiveConfig;
import dev.breakwater.config.FlagOverrides;
import dev.breakwater.config.ListenAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The flags that shape the configuration; the same for all commands that need one. */
final class ConfigOptions {
  private static final String CONFIG_VARIABLE = "BREAKWATER_CONFIG";

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description =
          "Configuration file; else the one in BREAKWATER_CONFIG, else built-in defaults.")
  private @Nullable Path file;

  @Option(
      names = "--listen",
      paramLabel = "HOST:PORT",
      description = "Where clients are answered (default 0.0.0.0:5000).")
  private @Nullable String listen;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      description =
          "Where health, metrics and the admin API are answered (default 127.0.0.1:5001).")
  private @Nullable String admin;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Where the cache is kept (default /var/lib/breakwater).")
  private @Nullable String data;

  @Option(
      names = "--max-size",
      paramLabel = "SIZE",
      description = "Bound of the cache: 50GiB, or a share of the volume (default 80%%).")
  private @Nullable String maxSize;

  @Option(
      names = "--upstream",
      paramLabel = "NAME=URL",
      description =
          "Where a registry is fetched from: docker.io=https://hub.example.com; a new name is"
              + " added. May be repeated.")
  private List<String> upstreams = new ArrayList<>();

  /** Reads all sources; throws {@link ConfigException}. */
  EffectiveConfig load(Map<String, String> environment) {
    return load(environment, Optional.ofNullable(admin));
  }

  /**
   * The same where {@code --admin} says where a server that runs is asked, and not how to serve.
   */
  EffectiveConfig loadToAsk(Map<String, String> environment) {
    return load(environment, Optional.empty());
  }

  private EffectiveConfig load(Map<String, String> environment, Optional<String> listenForAdmin) {
    FlagOverrides flags =
        new FlagOverrides(
            Optional.ofNullable(listen),
            listenForAdmin,
            Optional.ofNullable(data),
            Optional.ofNullable(maxSize),
            List.copyOf(upstreams));
    return ConfigLoader.load(path(environment).map(ConfigFile::read), environment, flags);
  }

  /** The admin listener that the command line names; throws {@link ConfigException}. */
  Optional<ListenAddress> adminGiven() {
    try {
      return Optional.ofNullable(admin).map(ListenAddress::parse);
    } catch (IllegalArgumentException e) {
      throw new ConfigException("--admin: " + e.getMessage(), e);
    }
  }

  private Optional<Path> path(Map<String, String> environment) {
    return Optional.ofNullable(file)
        .or(
            () ->
                Optional.ofNullable(environment.get(CONFIG_VARIABLE))
                    .filter(name -> !name.isEmpty())
                    .map(Path::of));
  }
}
