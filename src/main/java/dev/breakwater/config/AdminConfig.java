package dev.breakwater.config;

import java.util.List;
import java.util.Optional;

/**
 * The operators' port: health, metrics and the admin API.
 *
 * @param address where to listen
 * @param hosts names by which it may be asked for, beside those of the machine itself
 * @param token what every request needs but those for health and metrics; empty: nothing, on
 *     loopback or because the operator has said so
 */
public record AdminConfig(ListenAddress address, List<String> hosts, Optional<Secret> token) {
  /** Freezes the list. */
  public AdminConfig {
    hosts = List.copyOf(hosts);
  }
}
