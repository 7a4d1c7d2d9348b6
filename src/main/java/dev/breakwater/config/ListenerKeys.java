package dev.breakwater.config;

import java.util.List;

/** The keys of a listener, beside its address and face in {@link ConfigKeys}. */
final class ListenerKeys {
  static final ConfigKey<List<AddressRange>> TRUSTED_PROXIES =
      ConfigKey.list(
          "listeners[].trustedProxies",
          "list of address ranges",
          "Reverse proxies before the listener, such as 10.0.0.0/8. Only they are believed when"
              + " they name the client and the URL it used, in X-Forwarded-For, -Proto, -Host and"
              + " -Port, or in Forwarded.",
          AddressRange::parse);

  private ListenerKeys() {}
}
