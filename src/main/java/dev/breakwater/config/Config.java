package dev.breakwater.config;

import dev.breakwater.oci.ZoneName;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Everything an operator can set, checked and with units in the types. Only the composition root
 * reads it as a whole and hands each part what that part needs.
 *
 * @param listeners where clients are answered; at least one
 * @param admin where operators are answered
 * @param access who may log in, and what for
 * @param data where bytes and facts are kept
 * @param cache how much is kept, and for how long it is believed
 * @param defaultUpstream the upstream of requests that name none; a key of {@code upstreams}
 * @param upstreams the registries that can be pulled through, in the order of the configuration
 * @param gc when unreferenced content is deleted
 * @param scrub how rot is found
 * @param shutdown how the server ends
 * @param log how log lines look and which are written
 */
public record Config(
    List<ListenerConfig> listeners,
    AdminConfig admin,
    AccessConfig access,
    DataConfig data,
    CacheConfig cache,
    ZoneName defaultUpstream,
    Map<ZoneName, UpstreamConfig> upstreams,
    GcConfig gc,
    ScrubConfig scrub,
    ShutdownConfig shutdown,
    LogConfig log) {

  /** Checks what spans the parts. */
  public Config {
    if (listeners.isEmpty()) {
      throw new IllegalArgumentException("at least one listener is needed");
    }
    if (!upstreams.containsKey(defaultUpstream)) {
      throw new IllegalArgumentException("no upstream is called " + defaultUpstream);
    }
    listeners = List.copyOf(listeners);
    // Map.copyOf would lose the order, in which the banner and the setup pages list the registries.
    upstreams = Collections.unmodifiableMap(new LinkedHashMap<>(upstreams));
  }

  /** What runs when nothing is configured: every key at the default of {@code breakwater.yaml}. */
  public static Config defaults() {
    return ConfigLoader.load(Optional.empty(), Map.of(), FlagOverrides.none()).config();
  }
}
