package dev.breakwater.config;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Short ways to load a configuration in tests. */
final class Loading {
  private Loading() {}

  static EffectiveConfig file(String yaml) {
    return ConfigLoader.load(
        Optional.of(new ConfigFile("test.yaml", yaml)), Map.of(), FlagOverrides.none());
  }

  static EffectiveConfig environment(Map<String, String> environment) {
    return ConfigLoader.load(Optional.empty(), environment, FlagOverrides.none());
  }

  static EffectiveConfig both(String yaml, Map<String, String> environment) {
    return ConfigLoader.load(
        Optional.of(new ConfigFile("test.yaml", yaml)), environment, FlagOverrides.none());
  }

  static FlagOverrides upstream(String... upstreams) {
    return new FlagOverrides(
        Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), List.of(upstreams));
  }

  /** The message with which loading fails; null when it does not. */
  static String error(Runnable loading) {
    ConfigException failure = catchThrowableOfType(ConfigException.class, loading::run);
    return failure == null ? null : failure.getMessage();
  }

  static String errorOfFile(String yaml) {
    return error(() -> file(yaml));
  }

  static String errorOfEnvironment(String name, String value) {
    return error(() -> environment(Map.of(name, value)));
  }
}
