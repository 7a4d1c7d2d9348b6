package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Decides which addresses a request may be dialled to. Thread-safe. */
final class AddressGuard {
  /*
   * The configured addresses (url, mirrors) are always allowed. Every other origin was named by an
   * answer, a redirect or a token realm, and an answer must not make us connect to what only we can
   * reach: our own admin listener, the cloud's metadata service, the network behind us
   * (CVE-2026-2376, CVE-2020-13788). So it may lead as near to us as the registry that named it is
   * itself, and never to a link-local or multicast address.
   *
   * How near the registry is comes from its configured host: the farthest address that the host has
   * had since the start counts. A public registry that adds 127.0.0.1 to its own addresses, or
   * later resolves to nothing else, remains public.
   *
   * The check happens where the connection is made, on all addresses the name has, and the
   * connection goes to one of the checked addresses: names that resolve differently the second time
   * gain nothing (rebinding; go-containerregistry #2440 looked at literals only).
   *
   * Behind a proxy names are the proxy's to resolve, and so is the check; literals and localhost
   * are refused here, since it is unknown how near to us the proxy's reach is.
   */

  private static final Pattern NUMERIC = Pattern.compile("(?:.*\\.)?(?:0x[0-9a-f]*|[0-9]+)|\\[.*");

  private final Vertx vertx;
  private final NameCache names;
  private final TimeLimits limits;
  private final Predicate<Origin> proxied;

  /** The farthest reach that each configured host has had; of few hosts. */
  private final Map<String, AddressScope> reaches = new ConcurrentHashMap<>();

  /** Decides; {@code proxied} says which hosts are reached through a proxy. */
  AddressGuard(Vertx vertx, NameCache names, TimeLimits limits, Predicate<Origin> proxied) {
    this.vertx = vertx;
    this.names = names;
    this.limits = limits;
    this.proxied = proxied;
  }

  /**
   * The addresses to choose from for a host, none if a proxy is to resolve it; fails with {@link
   * UpstreamOutcome#INVALID} if the host leads where it must not, or as the look-up does.
   */
  Future<List<InetAddress>> admit(Attempt attempt, Origin wanted) {
    Origin own = attempt.endpoint().origin();
    boolean isOwnHost = wanted.host().equals(own.host());
    if (proxied.test(wanted)) {
      return isOwnHost || !isNear(wanted.host())
          ? Future.succeededFuture(List.of())
          : Future.failedFuture(refusal(attempt, wanted));
    }
    // A registry behind a proxy may have no address here, and is as far away as any.
    if (proxied.test(own)) {
      return resolve(attempt, wanted.host())
          .map(theirs -> checked(attempt, wanted, AddressScope.PUBLIC, theirs));
    }
    return resolve(attempt, own.host())
        .compose(
            ours -> {
              AddressScope reach =
                  reaches.merge(own.host(), AddressScope.farthest(ours), AddressScope::farther);
              if (wanted.equals(own)) {
                return Future.succeededFuture(ours);
              }
              return isOwnHost
                  ? Future.succeededFuture(permitted(attempt, wanted, reach, ours))
                  : resolve(attempt, wanted.host())
                      .map(theirs -> checked(attempt, wanted, reach, theirs));
            });
  }

  /** Another port of the registry's own host: never at an address nearer than the registry is. */
  private static List<InetAddress> permitted(
      Attempt attempt, Origin wanted, AddressScope allowed, List<InetAddress> ours) {
    List<InetAddress> permitted =
        ours.stream().filter(address -> AddressScope.of(address).compareTo(allowed) <= 0).toList();
    if (permitted.isEmpty()) {
      throw refusal(attempt, wanted);
    }
    return permitted;
  }

  private static List<InetAddress> checked(
      Attempt attempt, Origin wanted, AddressScope allowed, List<InetAddress> theirs) {
    for (InetAddress address : theirs) {
      if (AddressScope.of(address).compareTo(allowed) > 0) {
        throw refusal(attempt, wanted);
      }
    }
    return theirs;
  }

  private Future<List<InetAddress>> resolve(Attempt attempt, String host) {
    String bare = host.startsWith("[") ? host.substring(1, host.length() - 1) : host;
    return attempt
        .deadline()
        .atMost(limits.connect())
        .limit(
            vertx,
            names.lookup(bare),
            () ->
                attempt.failure(
                    UpstreamOutcome.CONNECT, "looking up the name " + host + " took too long"));
  }

  private static boolean isNear(String host) {
    return NUMERIC.matcher(host).matches()
        || host.equals("localhost")
        || host.endsWith(".localhost");
  }

  private static UpstreamException refusal(Attempt attempt, Origin wanted) {
    return attempt.refusal(
        "it leads to "
            + Quoted.of(wanted.host())
            + ", an address more private than the registry's own, so it was not followed");
  }
}
