package dev.breakwater.config;

import java.util.regex.Pattern;

/**
 * Variables that no operator wrote: Kubernetes puts the addresses of every service of the name
 * space into the environment, so that a service called {@code breakwater} or {@code registry} looks
 * like configuration (BREAKWATER_SERVICE_HOST, REGISTRY_PORT_5000_TCP_ADDR).
 */
final class ServiceLinks {
  private static final Pattern NAME =
      Pattern.compile(
          "[A-Z0-9_]+_(SERVICE_HOST|SERVICE_PORT(_[A-Z0-9_]+)?"
              + "|PORT_[0-9]+_(TCP|UDP|SCTP)(_(PROTO|PORT|ADDR))?)");

  private ServiceLinks() {}

  static boolean contains(String name, String value) {
    return NAME.matcher(name).matches()
        || (name.endsWith("_PORT") && value.matches("(tcp|udp|sctp)://.*"));
  }
}
