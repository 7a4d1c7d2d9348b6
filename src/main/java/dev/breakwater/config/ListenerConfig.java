package dev.breakwater.config;

import java.util.List;

/**
 * One port for clients.
 *
 * @param address where to listen
 * @param face what is answered there
 * @param trustedProxies whose word counts on who the client is and how it addressed us
 */
public record ListenerConfig(ListenAddress address, Face face, List<AddressRange> trustedProxies) {
  /** Copies the list. */
  public ListenerConfig {
    trustedProxies = List.copyOf(trustedProxies);
  }

  /** With nothing but an address and a face. */
  public ListenerConfig(ListenAddress address, Face face) {
    this(address, face, List.of());
  }

  /** The same at the address that it has got. */
  public ListenerConfig at(ListenAddress real) {
    return new ListenerConfig(real, face, trustedProxies);
  }
}
