package dev.breakwater.testing;

import java.net.InetAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Says what sort of registry to start. Unless told otherwise: plain HTTP, no authentication, blobs
 * served by the registry itself, ranges and referrers served, no limits.
 */
public final class FaultyRegistryBuilder {
  private final Map<String, String> accounts = new LinkedHashMap<>();
  private final Map<String, Set<String>> readers = new LinkedHashMap<>();
  private Admission.Mode mode = Admission.Mode.NONE;
  private @Nullable String realm;
  private boolean tokensOnRegistry;
  private Duration tokenLifetime = Duration.ofMinutes(5);
  private boolean announcesTokenLifetime = true;
  private TokenServer.Field tokenField = TokenServer.Field.BOTH;
  private boolean oauth;
  private boolean hidesPrivate;
  private boolean redirects;
  private int cdnUses = Integer.MAX_VALUE;
  private @Nullable Duration cdnLifetime;
  private int pullLimit = -1;
  private Duration pullWindow = Duration.ofHours(6);
  private @Nullable Duration retryAfter;
  private boolean ranges = true;
  private boolean referrers = true;
  private int referrersPage = Integer.MAX_VALUE;
  private int tagPage = Integer.MAX_VALUE;
  private long rate;
  private InetAddress host = InetAddress.getLoopbackAddress();
  private int port;
  private InstantSource clock = InstantSource.system();
  private @Nullable TlsVariant tls;
  private boolean demandsCertificates;
  private String prefix = "";

  FaultyRegistryBuilder() {}

  /** Asks for tokens of the token server, which gives them to anybody for public repositories. */
  public FaultyRegistryBuilder bearer() {
    mode = Admission.Mode.BEARER;
    return this;
  }

  /** Asks for name and password of an account with every request. */
  public FaultyRegistryBuilder basic() {
    mode = Admission.Mode.BASIC;
    return this;
  }

  /** Adds an account. */
  public FaultyRegistryBuilder account(String user, String password) {
    accounts.put(user, password);
    return this;
  }

  /** Gives tokens for a repository to these accounts only. */
  public FaultyRegistryBuilder privateRepository(String repository, String... users) {
    readers.put(repository, Set.of(users));
    return this;
  }

  /** Answers 404 instead of 401 to those who may not read a repository, as some registries do. */
  public FaultyRegistryBuilder hidePrivate() {
    hidesPrivate = true;
    return this;
  }

  /** The realm that challenges name, in place of the token server's address. */
  public FaultyRegistryBuilder realm(String url) {
    realm = url;
    return this;
  }

  /** Serves tokens at the registry's own address too, and challenges name that. */
  public FaultyRegistryBuilder tokensOnRegistry() {
    tokensOnRegistry = true;
    return this;
  }

  /** How long tokens live, by the clock; five minutes unless told. */
  public FaultyRegistryBuilder tokenLifetime(Duration lifetime) {
    tokenLifetime = lifetime;
    return this;
  }

  /** Leaves {@code expires_in} out. */
  public FaultyRegistryBuilder silentAboutTokenLifetime() {
    announcesTokenLifetime = false;
    return this;
  }

  /** Names tokens {@code token} only. */
  public FaultyRegistryBuilder onlyToken() {
    tokenField = TokenServer.Field.TOKEN;
    return this;
  }

  /** Names tokens {@code access_token} only. */
  public FaultyRegistryBuilder onlyAccessToken() {
    tokenField = TokenServer.Field.ACCESS_TOKEN;
    return this;
  }

  /** Understands the OAuth2 POST with a password too; otherwise it is a 404. */
  public FaultyRegistryBuilder oauth() {
    oauth = true;
    return this;
  }

  /** Redirects GETs of blobs to the CDN; HEAD is answered by the registry. */
  public FaultyRegistryBuilder redirectBlobs() {
    redirects = true;
    return this;
  }

  /** How often an address at the CDN may be used before it is refused. */
  public FaultyRegistryBuilder cdnUrlUses(int uses) {
    cdnUses = uses;
    return this;
  }

  /** How long an address at the CDN may be used, by the clock. */
  public FaultyRegistryBuilder cdnUrlLifetime(Duration lifetime) {
    cdnLifetime = lifetime;
    return this;
  }

  /** Allows every identity so many GETs of manifests; see {@link FaultyRegistry#resetPullLimit}. */
  public FaultyRegistryBuilder pullLimit(int pulls) {
    pullLimit = pulls;
    return this;
  }

  /** What {@code w=} of the limit's headers says; six hours unless told. */
  public FaultyRegistryBuilder pullWindow(Duration window) {
    pullWindow = window;
    return this;
  }

  /** Gives the limit's 429 a {@code Retry-After}. */
  public FaultyRegistryBuilder retryAfter(Duration time) {
    retryAfter = time;
    return this;
  }

  /** Answers every {@code Range} with the whole blob. */
  public FaultyRegistryBuilder withoutRanges() {
    ranges = false;
    return this;
  }

  /** Has no referrers API (404). */
  public FaultyRegistryBuilder withoutReferrers() {
    referrers = false;
    return this;
  }

  /** How many referrers a page has at most. */
  public FaultyRegistryBuilder referrersPage(int count) {
    referrersPage = count;
    return this;
  }

  /** How many tags a page has at most. */
  public FaultyRegistryBuilder tagPage(int tags) {
    tagPage = tags;
    return this;
  }

  /** Limits every connection to so many bytes a second. */
  public FaultyRegistryBuilder ratePerConnection(long bytesPerSecond) {
    rate = bytesPerSecond;
    return this;
  }

  /** Is reached at {@code [::1]} only. */
  public FaultyRegistryBuilder onIpv6() {
    host = InetAddress.ofLiteral("::1");
    return this;
  }

  /** A port for the registry; the others get any. */
  public FaultyRegistryBuilder port(int value) {
    port = value;
    return this;
  }

  /** What tokens and addresses expire by. */
  public FaultyRegistryBuilder clock(InstantSource value) {
    clock = value;
    return this;
  }

  /** Has a path in front of everything it serves at its own address, such as {@code /docker}. */
  public FaultyRegistryBuilder prefix(String path) {
    prefix = path;
    return this;
  }

  /** Speaks TLS on all three ports. */
  public FaultyRegistryBuilder tls(TlsVariant variant) {
    tls = variant;
    return this;
  }

  /**
   * Refuses clients without a certificate at the registry and the token server, and asks them for
   * one at the CDN; see {@link FaultyRegistry#writeClientPair}.
   */
  public FaultyRegistryBuilder demandCertificates() {
    demandsCertificates = true;
    return this;
  }

  private @Nullable ServerTls serverTls(boolean insists) {
    TlsVariant variant = tls;
    if (variant == null) {
      return null;
    }
    Set<String> clients = new ConcurrentSkipListSet<>();
    return new ServerTls(
        TlsAuthority.INSTANCE.serverContext(variant, clients),
        demandsCertificates,
        demandsCertificates && insists,
        clients);
  }

  /** Starts it; the caller closes it. */
  public FaultyRegistry start() {
    TlsVariant variant = tls;
    Path caCertificate = variant == null ? null : TlsAuthority.INSTANCE.writePem();
    AtomicInteger connections = new AtomicInteger();
    SocketServer registryServer = new SocketServer(host, port, connections, serverTls(true));
    SocketServer authServer = new SocketServer(host, 0, connections, serverTls(true));
    SocketServer cdnServer = new SocketServer(host, 0, connections, serverTls(false));

    Repositories repositories = new Repositories();
    TokenServer tokens =
        new TokenServer(
            repositories,
            Map.copyOf(accounts),
            new ConcurrentHashMap<>(readers),
            clock,
            new TokenServer.Traits(tokenLifetime, announcesTokenLifetime, tokenField, oauth));
    SocketServer tokenHost = tokensOnRegistry ? registryServer : authServer;
    String tokenPath = (tokensOnRegistry ? prefix : "") + TokenServer.PATH;
    String named = realm == null ? tokenHost.url() + tokenPath : realm;
    Admission admission = new Admission(mode, Map.copyOf(accounts), tokens, named, hidesPrivate);
    Cdn cdn = new Cdn(repositories, cdnServer.url(), clock, cdnUses, cdnLifetime, ranges);
    PullLimit limit = pullLimit < 0 ? null : new PullLimit(pullLimit, pullWindow, retryAfter);
    RegistrySite registry =
        new RegistrySite(
            repositories,
            admission,
            limit,
            redirects ? cdn : null,
            tokensOnRegistry ? tokens : null,
            new RegistrySite.Traits(ranges, referrers, referrersPage, tagPage));

    Script script = new Script();
    RequestLog log = new RequestLog();
    registryServer.start(new Exchanges(Listener.REGISTRY, registry, script, log, rate, prefix));
    authServer.start(new Exchanges(Listener.AUTH, tokens, script, log, rate, ""));
    cdnServer.start(new Exchanges(Listener.CDN, cdn, script, log, rate, ""));
    return new FaultyRegistry(
        Map.of(
            Listener.REGISTRY, registryServer, Listener.AUTH, authServer, Listener.CDN, cdnServer),
        repositories,
        tokens,
        limit,
        script,
        log,
        caCertificate);
  }
}
