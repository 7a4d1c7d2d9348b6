package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryPattern;
import java.util.List;

/** The keys that say which repositories of a registry are served. */
final class RepositoryKeys {
  static final ConfigKey<List<RepositoryPattern>> ALLOW =
      ConfigKey.list(
          "upstreams.*.allow",
          "list of patterns",
          "The only repositories of this registry that are served, cached or not, such as"
              + " library/*; empty: all. * is any text, ? any character, [0-9] one of these.",
          RepositoryPattern::parse);
  static final ConfigKey<List<RepositoryPattern>> DENY =
      ConfigKey.list(
          "upstreams.*.deny",
          "list of patterns",
          "Repositories of this registry that are not served, cached or not, whatever allow says.",
          RepositoryPattern::parse);

  private RepositoryKeys() {}

  /**
   * The patterns of an upstream. One that begins with the registry's own name matches nothing: it
   * would leave open what it is to close, so it is refused.
   */
  static List<RepositoryPattern> read(
      Settings settings, ConfigKey<List<RepositoryPattern>> key, String upstream) {
    List<RepositoryPattern> patterns = settings.get(key, upstream);
    patterns.stream()
        .map(RepositoryPattern::toString)
        .filter(pattern -> pattern.startsWith(upstream + "/"))
        .findFirst()
        .ifPresent(
            pattern ->
                settings.refuse(
                    Quoted.of(pattern)
                        + " begins with the registry's own name; write "
                        + pattern.substring(upstream.length() + 1),
                    key,
                    upstream));
    return patterns;
  }
}
