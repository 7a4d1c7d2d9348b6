package dev.breakwater.config;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
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

    // REGISTRY_PROXY_REMOTEURL may be the address of an upstream that a variable sets, and may name
    // the upstream that a variable is about: so the variables are read twice.
    EnvironmentLayer.Names names =
        new EnvironmentLayer.Names(upstreams, written.namesBelow(Settings.GROUPS));
    Layer known = EnvironmentLayer.read(environment, names, new Problems(), new ArrayList<>());
    RegistryVariables registry =
        RegistryVariables.read(
            environment, Settings.of(new Problems(), defaults, written, known, flagged), problems);
    upstreams.addAll(registry.layer().upstreamNames());
    List<String> warnings = new ArrayList<>(registry.warnings());
    Layer variables = EnvironmentLayer.read(environment, names, problems, warnings);

    Settings settings =
        Settings.of(problems, defaults, written, registry.layer(), variables, flagged);
    Config config = new ConfigAssembly(settings, problems, warnings).assemble();
    return new EffectiveConfig(config, settings.effective(), warnings);
  }
}
