package dev.breakwater.config;

import dev.breakwater.oci.RepositoryPattern;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * One registry that can be pulled through.
 *
 * @param url the registry's address without {@code /v2} and without a slash at its end
 * @param mirrors addresses of the same shape, tried in this order when {@code url} fails
 * @param accounts logins, of which the one with the most quota left is used
 * @param credentials where another login is fetched from
 * @param access who may read what is mirrored of it
 * @param ca PEM file of certificate authorities trusted for this upstream, beside the JDK's
 * @param certificate by what the registry knows us in the TLS handshake
 * @param proxy HTTP proxy, {@code http://host:port}
 * @param realms hosts beside the upstream's own to which its credentials may go, as {@code host} or
 *     {@code host:port}: where its token server lives
 * @param requests how many requests it gets at once
 * @param tagTtl for how long its tags are served without asking it, if not as long as others
 * @param tagTtls other times for some of its tags, before those of all registries
 * @param offline true when it is never asked
 * @param allow the only repositories that are served; empty: all
 * @param deny repositories that are not served, whatever {@code allow} says
 */
public record UpstreamConfig(
    URI url,
    List<URI> mirrors,
    List<AccountConfig> accounts,
    CredentialsConfig credentials,
    UpstreamAccessConfig access,
    Optional<Path> ca,
    Optional<ClientCertificateConfig> certificate,
    Optional<URI> proxy,
    List<String> realms,
    RequestLimitsConfig requests,
    Optional<Duration> tagTtl,
    List<TagTtl> tagTtls,
    boolean offline,
    List<RepositoryPattern> allow,
    List<RepositoryPattern> deny) {

  /** Freezes the lists. */
  public UpstreamConfig {
    mirrors = List.copyOf(mirrors);
    accounts = List.copyOf(accounts);
    realms = List.copyOf(realms);
    tagTtls = List.copyOf(tagTtls);
    allow = List.copyOf(allow);
    deny = List.copyOf(deny);
  }
}
