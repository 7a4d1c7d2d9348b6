package dev.breakwater.app;

import dev.breakwater.admin.UpstreamOperations;
import dev.breakwater.config.AccountConfig;
import dev.breakwater.config.CacheConfig;
import dev.breakwater.config.Config;
import dev.breakwater.config.RequestLimitsConfig;
import dev.breakwater.config.UpstreamAccess;
import dev.breakwater.config.UpstreamConfig;
import dev.breakwater.http.RequestClient;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.mirror.Freshness;
import dev.breakwater.mirror.PullThrough;
import dev.breakwater.mirror.PullThroughRegistry;
import dev.breakwater.mirror.Readers;
import dev.breakwater.mirror.RepositoryRules;
import dev.breakwater.mirror.TagTtls;
import dev.breakwater.mirror.ZoneAccess;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.AccountSettings;
import dev.breakwater.upstream.ClientCertificate;
import dev.breakwater.upstream.CredentialSettings;
import dev.breakwater.upstream.Credentials;
import dev.breakwater.upstream.HttpUpstreamRegistry;
import dev.breakwater.upstream.OfflineSwitch;
import dev.breakwater.upstream.OfflineUpstream;
import dev.breakwater.upstream.ProxyEnvironment;
import dev.breakwater.upstream.RequestLimits;
import dev.breakwater.upstream.UpstreamSettings;
import io.vertx.core.Vertx;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The registries that are mirrored, as the configuration has them. */
final class Upstreams {
  private static final Logger log = LoggerFactory.getLogger(Upstreams.class);

  private final List<HttpUpstreamRegistry> all;

  /** Those that are asked what they give to anonymous users, which no more is served of. */
  private final Map<ZoneName, HttpUpstreamRegistry> anonymous;

  private final OfflineSwitch offline;
  private final Map<ZoneName, RepositoryRules> rules;
  private final Map<ZoneName, Readers> readers;

  private Upstreams(
      List<HttpUpstreamRegistry> all,
      Map<ZoneName, HttpUpstreamRegistry> anonymous,
      OfflineSwitch offline,
      Map<ZoneName, RepositoryRules> rules,
      Map<ZoneName, Readers> readers) {
    this.all = List.copyOf(all);
    this.anonymous = Map.copyOf(anonymous);
    this.offline = offline;
    this.rules = Map.copyOf(rules);
    this.readers = Map.copyOf(readers);
  }

  /** Makes the clients of all of them; none is asked anything yet. */
  static Upstreams open(
      Config config,
      Map<String, String> environment,
      TestOverrides overrides,
      Vertx vertx,
      Metrics metrics,
      ClosingStack closing)
      throws StartupException {
    ProxyEnvironment proxies = proxies(environment);
    List<HttpUpstreamRegistry> all = new ArrayList<>();
    Map<ZoneName, HttpUpstreamRegistry> anonymous = new HashMap<>();
    for (Map.Entry<ZoneName, UpstreamConfig> entry : config.upstreams().entrySet()) {
      ZoneName zone = entry.getKey();
      UpstreamSettings settings =
          usable(() -> settings(zone, entry.getValue(), environment, proxies, overrides));
      settings.route().ifPresent(route -> log.info("[{}] connects {}", zone, route));
      all.add(open(settings, overrides, vertx, metrics, closing));
      if (settings.hasCredentials() && isPublicOnly(zone, entry.getValue())) {
        anonymous.put(zone, open(settings.anonymous(), overrides, vertx, metrics, closing));
      }
    }
    return new Upstreams(all, anonymous, offlineSwitch(config), rules(config), readers(config));
  }

  /** Asked of those that have credentials; said in the log where that is dangerous. */
  private static boolean isPublicOnly(ZoneName zone, UpstreamConfig upstream) {
    if (upstream.access().readers().kind() != UpstreamAccess.Kind.ANONYMOUS) {
      return false;
    }
    boolean isPublicOnly = upstream.access().publicOnly();
    if (!isPublicOnly) {
      log.warn(
          "[{}] all clients can read all that the mirror's credentials can read there, private"
              + " images too, because upstreams.{}.publicOnly is false",
          zone,
          zone);
    }
    return isPublicOnly;
  }

  /** Who may read each of them. */
  private static Map<ZoneName, Readers> readers(Config config) {
    Map<ZoneName, Readers> readers = new HashMap<>();
    config
        .upstreams()
        .forEach((zone, upstream) -> readers.put(zone, readers(upstream.access().readers())));
    return readers;
  }

  private static Readers readers(UpstreamAccess access) {
    return new Readers(
        access.kind() == UpstreamAccess.Kind.ANONYMOUS,
        access.kind() == UpstreamAccess.Kind.AUTHENTICATED,
        access.users(),
        access.groups());
  }

  /** What may be read of each of them; said in the log where that is not everything. */
  private static Map<ZoneName, RepositoryRules> rules(Config config) {
    Map<ZoneName, RepositoryRules> rules = new HashMap<>();
    config
        .upstreams()
        .forEach(
            (zone, upstream) -> {
              RepositoryRules own = new RepositoryRules(upstream.allow(), upstream.deny());
              own.description().ifPresent(text -> log.info("[{}] repositories: {}", zone, text));
              rules.put(zone, own);
            });
    return rules;
  }

  private static ProxyEnvironment proxies(Map<String, String> environment) throws StartupException {
    try {
      return ProxyEnvironment.of(environment);
    } catch (IllegalArgumentException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static HttpUpstreamRegistry open(
      UpstreamSettings settings,
      TestOverrides overrides,
      Vertx vertx,
      Metrics metrics,
      ClosingStack closing)
      throws StartupException {
    HttpUpstreamRegistry registry =
        usable(
            () ->
                new HttpUpstreamRegistry(
                    vertx, settings, metrics, overrides.nanos(), RequestClient::current));
    closing.push("upstream " + settings.zone(), registry::close);
    return registry;
  }

  private static <T> T usable(Supplier<T> made) throws StartupException {
    try {
      return made.get();
    } catch (IllegalArgumentException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static UpstreamSettings settings(
      ZoneName zone,
      UpstreamConfig upstream,
      Map<String, String> environment,
      ProxyEnvironment proxies,
      TestOverrides overrides) {
    List<AccountSettings> accounts = new ArrayList<>();
    for (AccountConfig account : upstream.accounts()) {
      accounts.add(
          new AccountSettings(
              new Credentials(account.username(), account.password().reveal()),
              account.passwordFile()));
    }
    return new UpstreamSettings(
        zone,
        upstream.url(),
        upstream.mirrors(),
        accounts,
        new CredentialSettings(
            upstream.credentials().dockerConfig(),
            upstream.credentials().helper(),
            upstream.credentials().refresh(),
            environment),
        upstream.ca(),
        upstream.certificate().map(pair -> new ClientCertificate(pair.certificate(), pair.key())),
        upstream.proxy(),
        upstream.realms(),
        limits(upstream.requests()),
        overrides.upstreamLimits(),
        proxies);
  }

  private static RequestLimits limits(RequestLimitsConfig requests) {
    return new RequestLimits(
        requests.blobs(),
        requests.others(),
        requests.rate().map(rate -> new RequestLimits.Rate(rate.requests(), rate.time())));
  }

  private static OfflineSwitch offlineSwitch(Config config) {
    List<ZoneName> zones = new ArrayList<>();
    config
        .upstreams()
        .forEach(
            (zone, upstream) -> {
              if (upstream.offline()) {
                zones.add(zone);
              }
            });
    return new OfflineSwitch(config.cache().offline(), zones);
  }

  /**
   * How long their tags live. A pattern goes before a plain time, and the registry's own before
   * that of all.
   */
  static Freshness freshness(Config config, Clock clock) {
    CacheConfig cache = config.cache();
    Map<ZoneName, TagTtls> zones = new HashMap<>();
    config
        .upstreams()
        .forEach(
            (zone, upstream) ->
                zones.put(
                    zone,
                    new TagTtls(
                        upstream.tagTtl().orElse(cache.tagTtl()),
                        Stream.concat(upstream.tagTtls().stream(), cache.tagTtls().stream())
                            .map(ttl -> new TagTtls.Rule(ttl.pattern(), ttl.time()))
                            .toList())));
    return new Freshness(clock, zones, cache.staleWhileRevalidate());
  }

  /**
   * All of them, each pulled through the mirror unless it is switched offline, as far as its rules
   * allow.
   */
  List<PullThroughRegistry> through(PullThrough mirror) {
    return all.stream()
        .map(
            upstream ->
                new PullThroughRegistry(
                    mirror, new OfflineUpstream(upstream, offline), access(upstream.zone())))
        .toList();
  }

  private ZoneAccess access(ZoneName zone) {
    return new ZoneAccess(
        rules.getOrDefault(zone, RepositoryRules.NONE),
        Objects.requireNonNull(readers.get(zone)),
        Optional.ofNullable(anonymous.get(zone))
            .map(registry -> new OfflineUpstream(registry, offline)));
  }

  /** Which of them are not asked, for the details of a health check; empty if all are. */
  Optional<String> offline() {
    List<String> names =
        all.stream()
            .map(HttpUpstreamRegistry::zone)
            .filter(offline::isOffline)
            .map(ZoneName::value)
            .toList();
    return names.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "switched offline, so that only what is cached is served: "
                + String.join(", ", names)
                + "; POST /api/offline?offline=false switches "
                + (offline.isAllOffline() ? "all" : "them, each by &upstream=NAME,")
                + " on");
  }

  /** What operators may do with them. */
  UpstreamOperations operations(PullThrough mirror) {
    return new ServedUpstreamOperations(all, offline, mirror);
  }
}
