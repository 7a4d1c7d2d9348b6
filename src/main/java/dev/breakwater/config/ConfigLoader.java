package dev.breakwater.config;

import dev.breakwater.oci.ZoneName;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Puts the sources together: flags before {@code BREAKWATER_*} variables before {@code REGISTRY_*}
 * variables before the file before the defaults. Touches nothing but its arguments and the files
 * that they name (passwords, certificate authorities).
 */
public final class ConfigLoader {
  private ConfigLoader() {}

  /**
   * The effective configuration.
   *
   * @param environment all variables of the process; those that are not ours are left alone
   * @throws ConfigException with a line for each thing that is unknown or wrong
   */
  public static EffectiveConfig load(
      Optional<ConfigFile> file, Map<String, String> environment, FlagOverrides flags) {
    Problems problems = new Problems();
    Layer defaults = DefaultLayer.create();
    Layer written = file.map(text -> YamlLayer.read(text, problems)).orElseGet(Layer::new);
    Layer flagged = flags.layer(problems);
    Set<String> upstreams = new LinkedHashSet<>(defaults.upstreamNames());
    upstreams.addAll(written.upstreamNames());
    upstreams.addAll(flagged.upstreamNames());
    Layer variables = EnvironmentLayer.read(environment, upstreams, problems);

    ZoneName remote =
        Settings.of(problems, defaults, written, variables, flagged)
            .get(ConfigKeys.DEFAULT_UPSTREAM);
    RegistryVariables registry = RegistryVariables.read(environment, remote);

    Settings settings =
        Settings.of(problems, defaults, written, registry.layer(), variables, flagged);
    Config config = new ConfigAssembly(settings, problems).assemble();
    return new EffectiveConfig(config, settings.effective(), registry.warnings());
  }
}
