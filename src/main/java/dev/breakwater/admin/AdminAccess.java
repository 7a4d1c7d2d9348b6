package dev.breakwater.admin;

import java.util.List;
import java.util.Optional;

/**
 * Who may ask the admin listener, and by which names.
 *
 * @param hosts names by which it may be asked for, beside IP addresses and {@code localhost}
 * @param login what every request needs but those for health and metrics; empty: nothing
 */
public record AdminAccess(List<String> hosts, Optional<AdminLogin> login) {
  /** Every request by an IP address or {@code localhost}, without a login. */
  public static final AdminAccess OPEN = new AdminAccess(List.of(), Optional.empty());

  /** Freezes the list. */
  public AdminAccess {
    hosts = List.copyOf(hosts);
  }
}
