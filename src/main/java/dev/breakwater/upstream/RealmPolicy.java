package dev.breakwater.upstream;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Which token servers may be spoken to, with or without credentials. */
final class RealmPolicy {
  /*
   * A hostile or compromised registry chooses the realm of its challenge freely; distribution sent
   * it the stored password (CVE-2026-33540), oras-go likewise (CVE-2026-48978). So a realm must be
   * on the registry's own host or on one the operator listed, compared exactly: no suffixes
   * ("auth.docker.io.evil"), no registrable domains, no trailing dot, no user info
   * ("auth.docker.io@evil"), and only on the scheme's usual port, the registry's own, or the one
   * listed. It must be https unless the registry itself is not.
   *
   * An anonymous request to a foreign realm is refused as well: it would be a request of the
   * attacker's choosing sent from inside our network.
   */

  private static final int MAX_LENGTH = 2048;

  private final Origin registry;
  private final List<String> listed;

  RealmPolicy(Origin registry, List<String> listed) {
    this.registry = registry;
    this.listed = listed.stream().map(host -> host.toLowerCase(Locale.ROOT)).toList();
  }

  /** Where to ask for tokens; empty if this realm is not to be trusted. */
  Optional<Target> permit(String realm) {
    if (realm.length() > MAX_LENGTH) {
      return Optional.empty();
    }
    try {
      URI url = new URI(realm);
      return url.getRawFragment() == null
          ? Target.of(url).filter(target -> isPermitted(target.origin()))
          : Optional.empty();
    } catch (URISyntaxException e) {
      return Optional.empty();
    }
  }

  /** Whether what proves our identity may go there. */
  boolean isPermitted(Origin origin) {
    if (registry.isTls() && !origin.isTls()) {
      return false;
    }
    boolean usualPort =
        origin.port() == Origin.defaultPort(origin.scheme()) || origin.port() == registry.port();
    return (usualPort && origin.host().equals(registry.host()))
        || (usualPort && listed.contains(origin.host()))
        || listed.contains(origin.host() + ':' + origin.port());
  }
}
