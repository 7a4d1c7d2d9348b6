package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Every key there is, once. This table drives the reading of the file, the names of the environment
 * variables, {@code config print}, the check of {@code conf/breakwater.yaml} and the table in the
 * README.
 */
final class ConfigKeys {
  static final ConfigKey<ListenAddress> LISTENER_ADDRESS =
      ConfigKey.of(
          "listeners[].address",
          "HOST:PORT",
          "0.0.0.0:5000",
          "Where clients are answered.",
          ListenAddress::parse);
  static final ConfigKey<Face> LISTENER_FACE =
      ConfigKey.of(
          "listeners[].face",
          Choice.words(Face.class, " | "),
          "both",
          "What the listener is for. Pushes are not supported yet. A mirror never asks for a login"
              + " and ignores wrong ones; with access.htpasswd the others ask for one and refuse"
              + " wrong ones.",
          text -> Choice.parse(Face.class, text));
  static final ConfigKey<ListenAddress> ADMIN_ADDRESS =
      ConfigKey.of(
          "admin.address",
          "HOST:PORT",
          "127.0.0.1:5001",
          "Where health, metrics and the admin API are answered. Beyond loopback it needs"
              + " admin.tokenFile.",
          ListenAddress::parse);
  static final ConfigKey<Path> DATA_DIRECTORY =
      ConfigKey.of(
          "data.directory",
          "path",
          "/var/lib/breakwater",
          "Where blobs and their index are kept. One process at a time.",
          ConfigKeys::path);
  static final ConfigKey<DiskLimit> CACHE_MAX_SIZE =
      ConfigKey.of(
          "cache.maxSize",
          "size or share",
          "80%",
          "Limit of the data directory: a size, or a share of the volume.",
          DiskLimit::parseAboveZero);
  static final ConfigKey<DiskLimit> CACHE_MIN_FREE =
      ConfigKey.of(
          "cache.minFree",
          "size or share",
          "5%",
          "What is left free on the volume, whatever maxSize says.",
          DiskLimit::parse);
  static final ConfigKey<Duration> CACHE_TAG_TTL =
      ConfigKey.of(
          "cache.tagTtl",
          "time",
          "60s",
          "For how long a tag is served without asking upstream whether it changed.",
          DurationText::parse);
  static final ConfigKey<List<TagTtl>> CACHE_TAG_TTLS =
      ConfigKey.list(
          "cache.tagTtls",
          "list of PATTERN=TIME",
          "Other times for some tags, such as *:latest=60s or *:v[0-9]*=1h; the first that matches"
              + " is used. * is any text, ? any character, [0-9] one of these.",
          TagTtl::parse);
  static final ConfigKey<Duration> CACHE_STALE_WHILE_REVALIDATE =
      ConfigKey.of(
          "cache.staleWhileRevalidate",
          "time",
          "0s",
          "For how long an expired tag is still served at once, while upstream is asked whether"
              + " it changed.",
          DurationText::parse);
  static final ConfigKey<DeletedTags> CACHE_DELETED_TAGS =
      ConfigKey.of(
          "cache.deletedTags",
          Choice.words(DeletedTags.class, " | "),
          "keep",
          "What becomes of a cached tag that upstream has deleted: it is still served, or deleted.",
          text -> Choice.parse(DeletedTags.class, text));
  static final ConfigKey<Duration> CACHE_NEGATIVE_TTL =
      ConfigKey.of(
          "cache.negativeTtl",
          "time",
          "10s",
          "For how long an upstream's \"not found\" or \"not allowed\" is remembered.",
          DurationText::parse);
  static final ConfigKey<Duration> CACHE_MAX_IDLE =
      ConfigKey.of(
          "cache.maxIdle",
          "time",
          "30d",
          "How long unused images and blobs are kept although there is space.",
          DurationText::parseAboveZero);
  static final ConfigKey<Duration> CACHE_EVICTION_GRACE =
      ConfigKey.of(
          "cache.evictionGrace",
          "time",
          "30s",
          "How long a blob that was stored or served is not evicted, even if a download finds no"
              + " space; that download is then served and not cached.",
          DurationText::parse);
  static final ConfigKey<Boolean> CACHE_OFFLINE =
      ConfigKey.of(
          "cache.offline",
          "true | false",
          "false",
          "Never ask an upstream: serve what is cached, whatever its age. The admin API can change"
              + " it while Breakwater runs.",
          ConfigKeys::flag);
  static final ConfigKey<Boolean> CACHE_PREFETCH =
      ConfigKey.of(
          "cache.prefetch",
          "true | false",
          "true",
          "Fetch an image's config and layers as soon as its manifest was pulled.",
          ConfigKeys::flag);
  static final ConfigKey<Integer> CACHE_SEGMENTS =
      ConfigKey.of(
          "cache.segments",
          "1 to 16",
          "8",
          "How many connections may fetch one large blob at once, where that is faster; 1 for one"
              + " only.",
          ConfigKeys::segments);
  static final ConfigKey<ZoneName> DEFAULT_UPSTREAM =
      ConfigKey.of(
          "defaultUpstream",
          "name",
          "docker.io",
          "The upstream of requests that name none, such as dockerd's.",
          UpstreamName::parse);
  static final ConfigKey<Duration> GC_INTERVAL =
      ConfigKey.of(
          "gc.interval",
          "time",
          "1h",
          "How often garbage collection runs.",
          DurationText::parseAboveZero);
  static final ConfigKey<Duration> GC_GRACE =
      ConfigKey.of(
          "gc.grace",
          "time",
          "1h",
          "How long content must be unreferenced before garbage collection deletes it.",
          DurationText::parse);
  static final ConfigKey<ByteRate> SCRUB_RATE =
      ConfigKey.of(
          "scrub.rate",
          "off | size/s",
          "10MiB/s",
          "How fast stored blobs are read again, all of them once a day at most, to find disk"
              + " damage.",
          ByteRate::parse);
  static final ConfigKey<Duration> SHUTDOWN_GRACE =
      ConfigKey.of(
          "shutdown.grace",
          "time",
          "25s",
          "How long transfers to clients may go on after SIGTERM before they are cut.",
          DurationText::parse);
  static final ConfigKey<LogFormat> LOG_FORMAT =
      ConfigKey.of(
          "log.format",
          Choice.words(LogFormat.class, " | "),
          "auto",
          "Shape of a log line; auto is text on a terminal and JSON otherwise.",
          text -> Choice.parse(LogFormat.class, text));
  static final ConfigKey<LogLevel> LOG_LEVEL =
      ConfigKey.of(
          "log.level",
          Choice.words(LogLevel.class, " | "),
          "info",
          "The least important lines that are written.",
          text -> Choice.parse(LogLevel.class, text));

  /** The table, in the order in which it is printed. */
  static final List<ConfigKey<?>> ALL =
      List.of(
          LISTENER_ADDRESS,
          LISTENER_FACE,
          ADMIN_ADDRESS,
          AdminKeys.HOSTS,
          AdminKeys.TOKEN,
          AdminKeys.TOKEN_FILE,
          AdminKeys.ANONYMOUS,
          AccessKeys.HTPASSWD,
          AccessKeys.GROUP,
          AccessKeys.WHO,
          AccessKeys.REGISTRIES,
          AccessKeys.REPOSITORIES,
          AccessKeys.ACTIONS,
          DATA_DIRECTORY,
          CACHE_MAX_SIZE,
          CACHE_MIN_FREE,
          CACHE_TAG_TTL,
          CACHE_TAG_TTLS,
          CACHE_STALE_WHILE_REVALIDATE,
          CACHE_DELETED_TAGS,
          CACHE_NEGATIVE_TTL,
          CACHE_MAX_IDLE,
          CACHE_EVICTION_GRACE,
          CACHE_OFFLINE,
          CACHE_PREFETCH,
          CACHE_SEGMENTS,
          DEFAULT_UPSTREAM,
          UpstreamKeys.URL,
          UpstreamKeys.MIRRORS,
          UpstreamKeys.ACCOUNT_USERNAME,
          UpstreamKeys.ACCOUNT_PASSWORD,
          UpstreamKeys.ACCOUNT_PASSWORD_FILE,
          CredentialKeys.DOCKER_CONFIG,
          CredentialKeys.HELPER,
          CredentialKeys.REFRESH,
          UpstreamKeys.ACCESS,
          UpstreamKeys.CA,
          CredentialKeys.CERTIFICATE,
          CredentialKeys.CERTIFICATE_KEY,
          UpstreamKeys.PROXY,
          UpstreamKeys.REALMS,
          RequestLimitKeys.BLOBS,
          RequestLimitKeys.OTHERS,
          GC_INTERVAL,
          GC_GRACE,
          SCRUB_RATE,
          SHUTDOWN_GRACE,
          UpstreamKeys.TAG_TTL,
          UpstreamKeys.TAG_TTLS,
          UpstreamKeys.OFFLINE,
          RepositoryKeys.ALLOW,
          RepositoryKeys.DENY,
          LOG_FORMAT,
          LOG_LEVEL);

  private ConfigKeys() {}

  /** The key whose pattern has exactly these segments. */
  static Optional<ConfigKey<?>> find(List<String> segments) {
    for (ConfigKey<?> key : ALL) {
      if (key.segments().equals(segments)) {
        return Optional.of(key);
      }
    }
    return Optional.empty();
  }

  /** What may follow these segments, in the order of the table. */
  static List<String> childrenOf(List<String> segments) {
    return ALL.stream()
        .map(ConfigKey::segments)
        .filter(longer -> longer.size() > segments.size())
        .filter(longer -> longer.subList(0, segments.size()).equals(segments))
        .map(longer -> longer.get(segments.size()))
        .distinct()
        .toList();
  }

  static Path path(String text) {
    if (text.isEmpty() || text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException(Quoted.of(text) + " is not a path");
    }
    return Path.of(text);
  }

  private static int segments(String text) {
    if (!text.matches("[1-9]|1[0-6]")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not a number from 1 to 16; write for example 8");
    }
    return Integer.parseInt(text);
  }

  static boolean flag(String text) {
    return switch (text) {
      case "true" -> true;
      case "false" -> false;
      default -> throw new IllegalArgumentException(Quoted.of(text) + " is neither true nor false");
    };
  }
}
