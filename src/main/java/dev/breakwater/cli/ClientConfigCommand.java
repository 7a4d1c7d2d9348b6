package dev.breakwater.cli;

import dev.breakwater.clientconfig.Client;
import dev.breakwater.clientconfig.ClientRecipes;
import dev.breakwater.clientconfig.MirrorUrl;
import dev.breakwater.config.ListenerConfig;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * {@code breakwater client-config}: the text goes to standard output, so that it can be sent to a
 * file; where it belongs goes to standard error.
 */
@Command(
    name = "client-config",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = "Print what a client needs in its configuration to pull through Breakwater.")
final class ClientConfigCommand implements Runnable {
  @Parameters(
      paramLabel = "CLIENT",
      description = "docker, swarm, containerd, k3s, podman, crio, buildkit or kind.")
  private @Nullable String client;

  @Option(
      names = "--mirror",
      paramLabel = "URL",
      description =
          "How the client reaches Breakwater, http://HOST:PORT; else this machine's name and the"
              + " first listener of the configuration that is a mirror.")
  private @Nullable String mirror;

  @Mixin private final ConfigOptions options = new ConfigOptions();

  @Spec private @Nullable CommandSpec spec;

  private final Terminal terminal;

  ClientConfigCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public void run() {
    Client wanted;
    Optional<MirrorUrl> given;
    try {
      wanted = Client.of(Objects.requireNonNull(client));
      given = Optional.ofNullable(mirror).map(MirrorUrl::parse);
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
    var effective = options.load(terminal.environment());
    effective.warnings().forEach(terminal::warn);
    StartupBanner banner = StartupBanner.of(effective.config(), MachineName.find());
    MirrorUrl url = given.orElseGet(() -> ofListener(banner));
    print(ClientRecipes.complete(url, banner.upstreams()).of(wanted));
  }

  private MirrorUrl ofListener(StartupBanner banner) {
    ListenerConfig listener =
        banner
            .mirror()
            .filter(candidate -> candidate.address().port() != 0)
            .orElseThrow(
                () ->
                    wrong(
                        "the configuration has no listener that is a mirror on a fixed port; give"
                            + " --mirror http://HOST:PORT"));
    return banner.url(listener);
  }

  private void print(ClientRecipes.Recipe recipe) {
    List<String> heads =
        List.of(
            recipe.clients() + ": " + recipe.file(),
            recipe.activation().isEmpty() ? "" : "then: " + recipe.activation());
    heads.stream()
        .filter(line -> !line.isEmpty())
        .forEach(line -> terminal.err().println("# " + line));
    recipe.notes().forEach(note -> terminal.err().println("# " + note));
    terminal.err().flush();
    terminal.out().print(recipe.text());
    terminal.out().flush();
  }

  private ParameterException wrong(String message) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), message);
  }
}
