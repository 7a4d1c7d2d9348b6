package dev.breakwater.testing;

/** How good the certificate of a {@link FaultyRegistry} is. */
public enum TlsVariant {
  /** For 127.0.0.1 and localhost, by the certificate authority that clients are told to trust. */
  VALID("ip:127.0.0.1,ip:::1,dns:localhost", true, false),
  /** By that authority, but for another host. */
  WRONG_HOST("dns:registry.invalid", true, false),
  /** For the right host, but by itself. */
  SELF_SIGNED("ip:127.0.0.1,dns:localhost", false, false),
  /** For the right host and by that authority, but over since some days. */
  EXPIRED("ip:127.0.0.1,dns:localhost", true, true);

  private final String names;
  private final boolean signed;
  private final boolean expired;

  TlsVariant(String names, boolean signed, boolean expired) {
    this.names = names;
    this.signed = signed;
    this.expired = expired;
  }

  String names() {
    return names;
  }

  boolean signed() {
    return signed;
  }

  boolean expired() {
    return expired;
  }
}
