package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.ZoneName;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Builds the records out of the merged settings and checks what no single key can know. */
final class ConfigAssembly {
  private static final long MAX_PASSWORD_BYTES = 64 * 1024;

  private final Settings settings;

  ConfigAssembly(Settings settings) {
    this.settings = settings;
  }

  /** The configuration, or a {@link ConfigException}. Reads password files. */
  Config assemble() {
    List<ListenerConfig> listeners = listeners();
    AdminConfig admin = admin(listeners);
    DataConfig data = new DataConfig(settings.get(ConfigKeys.DATA_DIRECTORY));
    CacheConfig cache = cache();
    ZoneName defaultUpstream = settings.get(ConfigKeys.DEFAULT_UPSTREAM);
    Map<ZoneName, UpstreamConfig> upstreams = new LinkedHashMap<>();
    List<String> names = settings.namesBelow(Settings.UPSTREAMS);
    names.forEach(name -> upstreams.put(new ZoneName(name), upstream(name)));
    if (!upstreams.containsKey(defaultUpstream)) {
      throw settings.refusal(
          Quoted.of(defaultUpstream.value())
              + " is not an upstream; "
              + Suggestion.nearest(defaultUpstream.value(), names)
                  .map(meant -> "did you mean " + meant + "?")
                  .orElse("choose one of " + String.join(", ", names)),
          ConfigKeys.DEFAULT_UPSTREAM);
    }
    ScrubConfig scrub = new ScrubConfig(settings.get(ConfigKeys.SCRUB_RATE));
    return new Config(
        listeners, admin, data, cache, defaultUpstream, upstreams, gc(), scrub, log());
  }

  private List<ListenerConfig> listeners() {
    List<ListenerConfig> listeners = new ArrayList<>();
    for (String position : settings.positionsBelow(Settings.LISTENERS)) {
      ListenAddress address = settings.get(ConfigKeys.LISTENER_ADDRESS, position);
      if (isTaken(address, listeners)) {
        throw settings.refusal(
            "another listener has the port of " + address + "; choose another one",
            ConfigKeys.LISTENER_ADDRESS,
            position);
      }
      listeners.add(new ListenerConfig(address, settings.get(ConfigKeys.LISTENER_FACE, position)));
    }
    if (listeners.isEmpty()) {
      throw settings.refusal("at least one listener is needed", Settings.LISTENERS);
    }
    return listeners;
  }

  private AdminConfig admin(List<ListenerConfig> listeners) {
    ListenAddress address = settings.get(ConfigKeys.ADMIN_ADDRESS);
    if (isTaken(address, listeners)) {
      throw settings.refusal(
          "a listener has the port of " + address + "; choose another one",
          ConfigKeys.ADMIN_ADDRESS);
    }
    return new AdminConfig(address);
  }

  private static boolean isTaken(ListenAddress address, List<ListenerConfig> listeners) {
    return listeners.stream().anyMatch(listener -> listener.address().collidesWith(address));
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
    URI url = settings.get(ConfigKeys.UPSTREAM_URL, name);
    List<URI> mirrors = settings.get(ConfigKeys.UPSTREAM_MIRRORS, name);
    List<AccountConfig> accounts = accounts(name);
    requireAccess(name, accounts);
    Optional<Path> ca = settings.find(ConfigKeys.UPSTREAM_CA, name);
    ca.ifPresent(file -> requireReadable(file, name));
    Optional<URI> proxy = settings.find(ConfigKeys.UPSTREAM_PROXY, name);
    List<String> realms = settings.get(ConfigKeys.UPSTREAM_REALMS, name);
    return new UpstreamConfig(
        url,
        mirrors,
        accounts,
        ca,
        proxy,
        realms,
        settings.find(ConfigKeys.UPSTREAM_TAG_TTL, name),
        settings.get(ConfigKeys.UPSTREAM_TAG_TTLS, name),
        settings.get(ConfigKeys.UPSTREAM_OFFLINE, name));
  }

  private void requireReadable(Path file, String name) {
    if (!Files.isRegularFile(file) || !Files.isReadable(file)) {
      throw settings.refusal(
          Quoted.of(file.toString()) + " is not a readable file", ConfigKeys.UPSTREAM_CA, name);
    }
  }

  private void requireAccess(String name, List<AccountConfig> accounts) {
    boolean decided = settings.find(ConfigKeys.UPSTREAM_ACCESS, name).isPresent();
    if (!accounts.isEmpty() && !decided) {
      KeyPath access = ConfigKeys.UPSTREAM_ACCESS.at(name);
      throw settings.refusal(
          "with an account, everyone who reaches this mirror reads the private images of "
              + name
              + " which that account can read; if that is meant, say so with "
              + access
              + ": anonymous ("
              + ConfigKey.environmentName(access)
              + "=anonymous)",
          ConfigKeys.ACCOUNT_USERNAME,
          name,
          "[0]");
    }
  }

  private List<AccountConfig> accounts(String name) {
    return settings.positionsBelow(Settings.UPSTREAMS.child(name).child("accounts")).stream()
        .map(position -> account(name, position))
        .toList();
  }

  private AccountConfig account(String name, String position) {
    KeyPath place = Settings.UPSTREAMS.child(name).child("accounts").child(position);
    String username =
        settings
            .find(ConfigKeys.ACCOUNT_USERNAME, name, position)
            .orElseThrow(() -> settings.refusal("the account has no username", place));
    Optional<Secret> password = settings.find(ConfigKeys.ACCOUNT_PASSWORD, name, position);
    Optional<Path> file = settings.find(ConfigKeys.ACCOUNT_PASSWORD_FILE, name, position);
    if (password.isPresent() == file.isPresent()) {
      throw settings.refusal(
          "the account of "
              + Quoted.of(username)
              + (password.isPresent()
                  ? " has both password and passwordFile; keep one"
                  : " has neither password nor passwordFile; write one"),
          place);
    }
    return new AccountConfig(
        username, password.orElseGet(() -> readPassword(file.orElseThrow(), name, position)));
  }

  private Secret readPassword(Path file, String name, String position) {
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
        if (!text.isEmpty()) {
          return new Secret(text);
        }
        problem = "is empty";
      }
    } catch (CharacterCodingException e) {
      problem = "is not UTF-8 text";
    } catch (IOException e) {
      problem = "cannot be read";
    }
    throw settings.refusal(
        "the password file " + Quoted.of(file.toString()) + " " + problem,
        ConfigKeys.ACCOUNT_PASSWORD_FILE,
        name,
        position);
  }
}
