package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.ZoneName;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the records out of the merged settings and checks what no single key can know. */
final class ConfigAssembly {
  private static final long MAX_PASSWORD_BYTES = 64 * 1024;

  private final Settings settings;
  private final Problems problems;
  private final List<String> warnings;

  /** {@code warnings} takes a line for each setting that works and is dangerous. */
  ConfigAssembly(Settings settings, Problems problems, List<String> warnings) {
    this.settings = settings;
    this.problems = problems;
    this.warnings = warnings;
  }

  /**
   * The configuration, or a {@link ConfigException} with all problems, those of the sources too.
   * Reads password files.
   */
  Config assemble() {
    List<ListenerConfig> listeners = new ListenerAssembly(settings).assemble();
    AdminConfig admin = new AdminAssembly(settings, warnings).assemble(listeners);
    AccessConfig access = new AccessAssembly(settings).assemble();
    DataConfig data = new DataConfig(settings.get(ConfigKeys.DATA_DIRECTORY));
    CacheConfig cache = cache();
    ZoneName defaultUpstream = settings.get(ConfigKeys.DEFAULT_UPSTREAM);
    Map<ZoneName, UpstreamConfig> upstreams = new LinkedHashMap<>();
    List<String> names = settings.namesBelow(Settings.UPSTREAMS);
    names.forEach(name -> upstreams.put(new ZoneName(name), upstream(name)));
    if (!upstreams.containsKey(defaultUpstream)) {
      settings.refuse(
          Quoted.of(defaultUpstream.value())
              + " is not an upstream; "
              + Suggestion.nearest(defaultUpstream.value(), names)
                  .map(meant -> "did you mean " + meant + "?")
                  .orElse("choose one of " + String.join(", ", names)),
          ConfigKeys.DEFAULT_UPSTREAM);
    }
    ScrubConfig scrub = new ScrubConfig(settings.get(ConfigKeys.SCRUB_RATE));
    ShutdownConfig shutdown = new ShutdownConfig(settings.get(ConfigKeys.SHUTDOWN_GRACE));
    GcConfig gc = gc();
    LogConfig log = log();
    problems.throwIfAny();
    return new Config(
        listeners,
        admin,
        access,
        data,
        cache,
        defaultUpstream,
        upstreams,
        gc,
        scrub,
        shutdown,
        log);
  }

  private CacheConfig cache() {
    return new CacheConfig(
        settings.get(ConfigKeys.CACHE_MAX_SIZE),
        settings.get(ConfigKeys.CACHE_MIN_FREE),
        settings.get(ConfigKeys.CACHE_TAG_TTL),
        settings.get(ConfigKeys.CACHE_TAG_TTLS),
        settings.get(ConfigKeys.CACHE_STALE_WHILE_REVALIDATE),
        settings.get(ConfigKeys.CACHE_DELETED_TAGS),
        settings.get(ConfigKeys.CACHE_NEGATIVE_TTL),
        settings.get(ConfigKeys.CACHE_MAX_IDLE),
        settings.get(ConfigKeys.CACHE_EVICTION_GRACE),
        settings.get(ConfigKeys.CACHE_OFFLINE),
        settings.get(ConfigKeys.CACHE_PREFETCH),
        settings.get(ConfigKeys.CACHE_SEGMENTS));
  }

  private GcConfig gc() {
    return new GcConfig(settings.get(ConfigKeys.GC_INTERVAL), settings.get(ConfigKeys.GC_GRACE));
  }

  private LogConfig log() {
    return new LogConfig(settings.get(ConfigKeys.LOG_FORMAT), settings.get(ConfigKeys.LOG_LEVEL));
  }

  private UpstreamConfig upstream(String name) {
    URI url = settings.find(UpstreamKeys.URL, name).orElse(UpstreamUrl.NONE);
    List<URI> mirrors = settings.get(UpstreamKeys.MIRRORS, name);
    List<AccountConfig> accounts = accounts(name);
    CredentialAssembly logins = new CredentialAssembly(settings, name);
    CredentialsConfig credentials = logins.credentials();
    Optional<Path> ca = settings.findFile(UpstreamKeys.CA, name);
    Optional<URI> proxy = settings.find(UpstreamKeys.PROXY, name);
    List<String> realms = settings.get(UpstreamKeys.REALMS, name);
    return new UpstreamConfig(
        url,
        mirrors,
        accounts,
        credentials,
        access(name),
        ca,
        logins.certificate(url),
        proxy,
        realms,
        new RequestLimitsConfig(
            settings.get(RequestLimitKeys.BLOBS, name),
            settings.get(RequestLimitKeys.OTHERS, name),
            settings.get(RequestLimitKeys.RATE, name)),
        settings.find(UpstreamKeys.TAG_TTL, name),
        settings.get(UpstreamKeys.TAG_TTLS, name),
        settings.get(UpstreamKeys.OFFLINE, name),
        RepositoryKeys.read(settings, RepositoryKeys.ALLOW, name),
        RepositoryKeys.read(settings, RepositoryKeys.DENY, name));
  }

  private UpstreamAccessConfig access(String name) {
    return new UpstreamAccessConfig(
        settings.get(UpstreamKeys.ACCESS, name), settings.get(UpstreamKeys.PUBLIC_ONLY, name));
  }

  private List<AccountConfig> accounts(String name) {
    return settings.positionsBelow(Settings.UPSTREAMS.child(name).child("accounts")).stream()
        .flatMap(position -> account(name, position).stream())
        .toList();
  }

  private Optional<AccountConfig> account(String name, String position) {
    KeyPath place = Settings.UPSTREAMS.child(name).child("accounts").child(position);
    Optional<String> username = settings.find(UpstreamKeys.ACCOUNT_USERNAME, name, position);
    Optional<Secret> password = settings.find(UpstreamKeys.ACCOUNT_PASSWORD, name, position);
    Optional<Path> file = settings.find(UpstreamKeys.ACCOUNT_PASSWORD_FILE, name, position);
    if (!settings.isReadable(place)) {
      return Optional.empty();
    }
    boolean hasPassword = settings.isWritten(UpstreamKeys.ACCOUNT_PASSWORD, name, position);
    boolean hasFile = settings.isWritten(UpstreamKeys.ACCOUNT_PASSWORD_FILE, name, position);
    if (!settings.isWritten(UpstreamKeys.ACCOUNT_USERNAME, name, position)) {
      settings.refuse("the account has no username", place);
    } else if (hasPassword == hasFile) {
      settings.refuse(
          username.map(known -> "the account of " + Quoted.of(known)).orElse("the account")
              + (hasPassword
                  ? " has both password and passwordFile; keep one"
                  : " has neither password nor passwordFile; write one"),
          place);
    }
    Optional<Secret> secret =
        password.or(() -> file.flatMap(read -> readPassword(read, name, position)));
    return username.flatMap(known -> secret.map(found -> new AccountConfig(known, found, file)));
  }

  private Optional<Secret> readPassword(Path file, String name, String position) {
    String problem;
    try {
      if (!Files.exists(file)) {
        problem = "does not exist";
      } else if (!Files.isReadable(file) || Files.isDirectory(file)) {
        problem = "cannot be read";
      } else if (Files.size(file) > MAX_PASSWORD_BYTES) {
        problem = "is too large for a password";
      } else {
        String text = Files.readString(file).replaceFirst("\\R\\z", "");
        if (!text.isEmpty() && !text.equals(Secret.REDACTED)) {
          return Optional.of(new Secret(text));
        }
        problem = text.isEmpty() ? "is empty" : "holds " + text + " in place of a password";
      }
    } catch (CharacterCodingException e) {
      problem = "is not UTF-8 text";
    } catch (IOException e) {
      problem = "cannot be read";
    }
    settings.refuse(
        "the password file " + Quoted.of(file.toString()) + " " + problem,
        UpstreamKeys.ACCOUNT_PASSWORD_FILE,
        name,
        position);
    return Optional.empty();
  }
}
