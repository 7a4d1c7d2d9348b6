package dev.breakwater.registry;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The look-up from what a request says to the zone and repository it means. It is closed: a name is
 * either in the table of configured registries or unknown; nothing a client writes ever becomes an
 * address to dial (docs/findings.md#naming-the-upstream). Immutable.
 *
 * <p>In this order: {@code ?ns=} (containerd, the containerd store of dockerd, buildkit), {@code
 * Host}, the path segment before {@code /v2} (mirrors with a path), the first component of the
 * repository name (podman, buildkit), the default registry (dockerd, which names none).
 */
public final class Zones {
  private static final String DEFAULT_NAMESPACE = "library/";
  private static final Set<String> DOCKER_HUB_ALIASES =
      Set.of("index.docker.io", "registry-1.docker.io");

  /**
   * What a request means.
   *
   * @param zone the zone
   * @param name the repository's name within the zone
   * @param registry the registry of the zone
   */
  public record Target(ZoneName zone, RepositoryName name, Registry registry) {
    /** The repository as the reader sees it. */
    public Repository repository(Identity reader) {
      return registry.repository(name, reader);
    }
  }

  private final Map<String, Registry> registries = new LinkedHashMap<>();
  private final Registry fallback;

  /**
   * The table of these registries.
   *
   * @throws IllegalArgumentException if two have the same name, or the default one is not among
   *     them
   */
  public Zones(Collection<? extends Registry> registries, ZoneName defaultZone) {
    for (Registry registry : registries) {
      if (this.registries.put(registry.zone().value(), registry) != null) {
        throw new IllegalArgumentException("two registries are named " + registry.zone());
      }
    }
    Registry named = this.registries.get(defaultZone.value());
    if (named == null) {
      throw new IllegalArgumentException(
          "the default registry " + defaultZone + " is not among the configured ones");
    }
    fallback = named;
  }

  /** The names of all registries, the default one first. */
  public List<ZoneName> names() {
    return Stream.concat(Stream.of(fallback), registries.values().stream())
        .map(Registry::zone)
        .distinct()
        .toList();
  }

  /**
   * Finds what is meant.
   *
   * @param ns the value of {@code ?ns=}, if there was one
   * @param host the {@code Host} header, with its port
   * @param prefix the path segment before {@code /v2}, or empty
   * @param name the repository's name as it stands in the path
   * @throws RegistryException {@code NAME_UNKNOWN} if {@code ns} or the prefix is not configured,
   *     {@code NAME_INVALID} if the name within the zone would be too long
   */
  public Target resolve(Optional<String> ns, String host, String prefix, RepositoryName name) {
    Registry named = named(ns, host, prefix);
    if (named != null) {
      return target(named, name);
    }
    int slash = name.value().indexOf('/');
    Registry byComponent = slash < 0 ? null : find(name.value().substring(0, slash));
    return target(byComponent == null ? fallback : byComponent, name);
  }

  /**
   * Part of a catalog.
   *
   * @param registry whose repositories are listed
   * @param prefix what stands before their names, empty or a zone's name and a slash
   */
  public record CatalogPart(Registry registry, String prefix) {}

  /**
   * Whose repositories are to be listed: those of the registry that the request names as in {@link
   * #resolve}; if it names none, those of all, each by the name that finds it here without {@code
   * ns}. A registry with a port in its name has no such names.
   *
   * @throws RegistryException {@code NAME_UNKNOWN} if {@code ns} or the prefix is not configured
   */
  public List<CatalogPart> catalog(Optional<String> ns, String host, String prefix) {
    Registry named = named(ns, host, prefix);
    if (named != null) {
      return List.of(new CatalogPart(named, ""));
    }
    List<CatalogPart> all = new ArrayList<>();
    all.add(new CatalogPart(fallback, ""));
    for (Registry registry : registries.values()) {
      String zone = registry.zone().value();
      if (!registry.equals(fallback) && RepositoryName.isValid(zone)) {
        all.add(new CatalogPart(registry, zone + "/"));
      }
    }
    return all;
  }

  /** The registry that a request names outside of a repository's name; null if it names none. */
  private @Nullable Registry named(Optional<String> ns, String host, String prefix) {
    if (ns.isPresent()) {
      return configured(ns.get());
    }
    Registry byHost = find(withoutDefaultPort(host));
    if (byHost != null || prefix.isEmpty()) {
      return byHost;
    }
    return configured(prefix);
  }

  /**
   * The repository within the registry. buildkit puts the mirror's path in front of the name and
   * sends {@code ns} as well, so the registry's own name is dropped there however it was found.
   */
  private Target target(Registry registry, RepositoryName asked) {
    RepositoryName name = nameIn(registry.zone(), asked);
    return new Target(registry.zone(), name, registry);
  }

  /**
   * The name by which a repository of that registry is kept: without the registry's own name before
   * it and, on Docker Hub, with {@code library/} before a name of one component.
   */
  public static RepositoryName nameIn(ZoneName zone, RepositoryName asked) {
    RepositoryName name = asked;
    int slash = name.value().indexOf('/');
    if (slash > 0 && zone.value().equals(zoneOf(name.value().substring(0, slash)))) {
      name = new RepositoryName(name.value().substring(slash + 1));
    }
    return name.isSingleComponent() && zone.equals(ZoneName.DOCKER_HUB)
        ? new RepositoryName(DEFAULT_NAMESPACE + name.value())
        : name;
  }

  private Registry configured(String name) {
    Registry registry = find(name);
    if (registry == null) {
      throw new RegistryException(
          ErrorCode.NAME_UNKNOWN,
          FailureCause.UNKNOWN_REGISTRY,
          "no registry "
              + Quoted.of(name)
              + " is configured here: add upstreams."
              + Quoted.escape(name)
              + " with its url to the configuration",
          null,
          null);
    }
    return registry;
  }

  private @Nullable Registry find(String name) {
    return registries.get(zoneOf(name));
  }

  private static String zoneOf(String name) {
    String folded = name.toLowerCase(Locale.ROOT);
    return DOCKER_HUB_ALIASES.contains(folded) ? ZoneName.DOCKER_HUB.value() : folded;
  }

  private static String withoutDefaultPort(String host) {
    int colon = host.lastIndexOf(':');
    return host.endsWith(":443") || host.endsWith(":80") ? host.substring(0, colon) : host;
  }
}
