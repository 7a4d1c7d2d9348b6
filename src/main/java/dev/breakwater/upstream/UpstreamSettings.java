package dev.breakwater.upstream;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * How one registry is reached.
 *
 * @param zone its name
 * @param url its base: {@code http} or {@code https}, a host, maybe a port and a path prefix
 * @param mirrors other bases with the same content, asked in order when {@code url} is unavailable;
 *     they never see the accounts
 * @param accounts who we are there; the one with the most pulls left is used
 * @param credentials where another login is fetched from
 * @param ca a PEM file of certificates to trust beside those of the platform
 * @param certificate by what the registry, and its token servers, know us in the TLS handshake
 * @param proxy an HTTP proxy that every connection goes through, instead of those of the
 *     environment
 * @param realms hosts, or {@code host:port}, of token servers that may be told the credentials
 *     beside the registry's own host
 * @param requests how many requests it gets at once
 * @param limits how long it may take
 * @param environment the proxies that the environment names
 * @param keepsTokens whether a token is used for as long as it is valid; otherwise each request
 *     gets a new one, which knows what has been revoked
 */
public record UpstreamSettings(
    ZoneName zone,
    URI url,
    List<URI> mirrors,
    List<AccountSettings> accounts,
    CredentialSettings credentials,
    Optional<Path> ca,
    Optional<ClientCertificate> certificate,
    Optional<URI> proxy,
    List<String> realms,
    RequestLimits requests,
    TimeLimits limits,
    ProxyEnvironment environment,
    boolean keepsTokens) {
  private static final int PROXY_PORT = 3128;

  /** Checks the addresses; the messages name the setting and never repeat a URL's user info. */
  public UpstreamSettings {
    checkBase(zone, "url", url);
    mirrors.forEach(mirror -> checkBase(zone, "mirrors", mirror));
    proxy.ifPresent(
        address -> {
          if (!"http".equalsIgnoreCase(address.getScheme())
              || ProxyAddress.parse(address.toString(), PROXY_PORT).isEmpty()) {
            throw invalid(zone, "proxy", "write http://host:port");
          }
        });
    mirrors = List.copyOf(mirrors);
    accounts = List.copyOf(accounts);
    realms = List.copyOf(realms);
  }

  /** With tokens that are kept. */
  public UpstreamSettings(
      ZoneName zone,
      URI url,
      List<URI> mirrors,
      List<AccountSettings> accounts,
      CredentialSettings credentials,
      Optional<Path> ca,
      Optional<ClientCertificate> certificate,
      Optional<URI> proxy,
      List<String> realms,
      RequestLimits requests,
      TimeLimits limits,
      ProxyEnvironment environment) {
    this(
        zone,
        url,
        mirrors,
        accounts,
        credentials,
        ca,
        certificate,
        proxy,
        realms,
        requests,
        limits,
        environment,
        true);
  }

  /** Whether the registry can know by them who asks. */
  public boolean hasCredentials() {
    return !accounts.isEmpty()
        || credentials.dockerConfig().isPresent()
        || credentials.helper().isPresent()
        || certificate.isPresent();
  }

  /**
   * The same registry, reached in the same way by one that it does not know: without any login or
   * certificate, and with tokens that tell what anonymous users may read now.
   */
  public UpstreamSettings anonymous() {
    return new UpstreamSettings(
        zone,
        url,
        mirrors,
        List.of(),
        CredentialSettings.NONE,
        ca,
        Optional.empty(),
        proxy,
        realms,
        requests,
        limits,
        environment,
        false);
  }

  /** The configured proxy. */
  Optional<ProxyAddress> proxyAddress() {
    return proxy.flatMap(address -> ProxyAddress.parse(address.toString(), PROXY_PORT));
  }

  /** How the registry is reached if that is worth a line in the log; without any password. */
  public Optional<String> route() {
    return proxyAddress()
        .map(address -> "through the proxy " + address + " of upstreams." + zone + ".proxy")
        .or(() -> Origin.of(url).flatMap(environment::describe));
  }

  private static void checkBase(ZoneName zone, String key, URI base) {
    if (base.getRawUserInfo() != null) {
      throw invalid(zone, key, "user name and password belong under 'accounts', not in the URL");
    }
    if (Origin.of(base).isEmpty() || base.getRawQuery() != null || base.getRawFragment() != null) {
      throw invalid(zone, key, "write https://host or http://host, maybe with a port and a path");
    }
  }

  private static IllegalArgumentException invalid(ZoneName zone, String key, String remedy) {
    return new IllegalArgumentException(
        "upstreams." + zone + "." + key + " is not a usable address: " + remedy);
  }

  @Override
  public String toString() {
    return "UpstreamSettings[" + zone + " at " + url + ", mirrors " + mirrors + "]";
  }
}
