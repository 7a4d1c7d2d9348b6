package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The keys that say where a registry is and how it is asked. */
final class UpstreamKeys {
  static final ConfigKey<URI> URL =
      ConfigKey.of(
          "upstreams.*.url",
          "URL",
          "https://NAME",
          "Address of the registry, without /v2. For docker.io it is"
              + " https://registry-1.docker.io.",
          UpstreamUrl::parse);
  static final ConfigKey<List<URI>> MIRRORS =
      ConfigKey.list(
          "upstreams.*.mirrors",
          "list of URLs",
          "Other addresses of the same registry, tried in this order when url fails.",
          UpstreamUrl::parse);
  static final ConfigKey<String> ACCOUNT_USERNAME =
      ConfigKey.optional(
          "upstreams.*.accounts[].username",
          "text",
          "A login at the registry; of several the one with the most pulls left is used.",
          UpstreamKeys::username);
  static final ConfigKey<Secret> ACCOUNT_PASSWORD =
      ConfigKey.secret(
          "upstreams.*.accounts[].password", "Its password or access token. Better: passwordFile.");
  static final ConfigKey<Path> ACCOUNT_PASSWORD_FILE =
      ConfigKey.optional(
          "upstreams.*.accounts[].passwordFile",
          "path",
          "A file that holds the password; a line break at its end does not count. It is read"
              + " again when it changes.",
          ConfigKeys::path);
  static final ConfigKey<UpstreamAccess> ACCESS =
      ConfigKey.wordOrList(
          "upstreams.*.access",
          "anonymous | authenticated | list of users and @groups",
          "anonymous",
          "Who may read what is mirrored of this registry: all who reach the mirror, all who have"
              + " logged in, or some. Those who must log in read all that the credentials can"
              + " read.",
          UpstreamAccess::parse);
  static final ConfigKey<Boolean> PUBLIC_ONLY =
      ConfigKey.of(
          "upstreams.*.publicOnly",
          "true | false",
          "true",
          "With access: anonymous and credentials: serve only what the registry gives to anonymous"
              + " users too. false opens all that the credentials can read to all clients.",
          ConfigKeys::flag);
  static final ConfigKey<Path> CA =
      ConfigKey.optional(
          "upstreams.*.ca",
          "path",
          "PEM file of certificate authorities to trust for this registry, beside the usual ones;"
              + " it is read again when it changes.",
          ConfigKeys::path);
  static final ConfigKey<URI> PROXY =
      ConfigKey.optional(
          "upstreams.*.proxy",
          "http://HOST:PORT",
          "HTTP proxy on the way to this registry, maybe http://USER:PASSWORD@HOST:PORT; default:"
              + " what HTTPS_PROXY, HTTP_PROXY and NO_PROXY in the environment say.",
          UpstreamUrl::parseProxy);
  static final ConfigKey<List<String>> REALMS =
      ConfigKey.list(
          "upstreams.*.realms",
          "list of hosts",
          "Hosts beside the registry's own to which its credentials may go: its token server. For"
              + " docker.io it is [auth.docker.io].",
          UpstreamUrl::parseRealm);
  static final ConfigKey<Duration> TAG_TTL =
      ConfigKey.optional(
          "upstreams.*.tagTtl",
          "time",
          "As cache.tagTtl, for this registry only.",
          DurationText::parse);
  static final ConfigKey<List<TagTtl>> TAG_TTLS =
      ConfigKey.list(
          "upstreams.*.tagTtls",
          "list of PATTERN=TIME",
          "As cache.tagTtls, for this registry only; they are looked at first.",
          TagTtl::parse);
  static final ConfigKey<Boolean> OFFLINE =
      ConfigKey.of(
          "upstreams.*.offline",
          "true | false",
          "false",
          "Never ask this registry: serve what is cached of it, whatever its age.",
          ConfigKeys::flag);

  private UpstreamKeys() {}

  private static String username(String text) {
    if (text.isEmpty() || text.contains(":")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not a user name; it must not be empty or hold a colon");
    }
    return text;
  }
}
