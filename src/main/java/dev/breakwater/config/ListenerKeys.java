package dev.breakwater.config;

import java.nio.file.Path;
import java.util.List;

/** The keys of a listener. */
final class ListenerKeys {
  static final ConfigKey<ListenAddress> ADDRESS =
      ConfigKey.of(
          "listeners[].address",
          "HOST:PORT",
          "0.0.0.0:5000",
          "Where clients are answered.",
          ListenAddress::parse);
  static final ConfigKey<Face> FACE =
      ConfigKey.of(
          "listeners[].face",
          Choice.words(Face.class, " | "),
          "both",
          "What the listener is for. Pushes are not supported yet. A mirror never asks for a login"
              + " and ignores wrong ones; with access.htpasswd the others ask for one and refuse"
              + " wrong ones.",
          text -> Choice.parse(Face.class, text));
  static final ConfigKey<Path> CERTIFICATE =
      ConfigKey.optional(
          "listeners[].tls[].certificate",
          "path",
          "PEM file of a certificate, followed by those that it is signed by: the listener speaks"
              + " TLS. Of several the one is shown whose names fit what the client asks for, else"
              + " the first. Read again when it changes.",
          ConfigKeys::path);
  static final ConfigKey<Path> KEY =
      ConfigKey.optional(
          "listeners[].tls[].key",
          "path",
          "PEM file of the private key of that certificate, without a passphrase. Read again when"
              + " it changes.",
          ConfigKeys::path);
  static final ConfigKey<Path> CLIENT_CA =
      ConfigKey.optional(
          "listeners[].clientCa",
          "path",
          "PEM file of certificate authorities: clients must show a certificate that one of them"
              + " has signed. Read again when it changes.",
          ConfigKeys::path);
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
