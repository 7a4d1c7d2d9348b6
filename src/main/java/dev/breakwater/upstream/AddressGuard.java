package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.net.InetAddress;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/** Decides which addresses a request may be dialled to. */
final class AddressGuard {
  /*
   * The operator's own addresses (url, mirrors) are his word and always good. Every other host was
   * named by an answer, a redirect or a token realm, and an answer must not make us knock on doors
   * that only we can reach: our own admin listener, the cloud's metadata service, the network
   * behind us (CVE-2026-2376, CVE-2020-13788). So a foreign host may lead as near to us as the
   * upstream that named it does, and never to a link-local or multicast address.
   *
   * The check happens where the connection is made, on all addresses the name has, and the
   * connection goes to one of the checked addresses: names that resolve differently the second time
   * gain nothing (rebinding; go-containerregistry #2440 looked at literals only).
   *
   * Behind a proxy names are the proxy's to resolve, and so is the check; literals and localhost
   * are refused here, since there is no telling how near to us the proxy's reach is.
   */

  private static final Pattern NUMERIC = Pattern.compile("(?:.*\\.)?(?:0x[0-9a-f]*|[0-9]+)|\\[.*");

  private final Vertx vertx;
  private final WorkerExecutor workers;
  private final NameLookup names;
  private final TimeLimits limits;
  private final Predicate<Origin> proxied;

  /** Decides; {@code proxied} says which hosts are reached through a proxy. */
  AddressGuard(
      Vertx vertx,
      WorkerExecutor workers,
      NameLookup names,
      TimeLimits limits,
      Predicate<Origin> proxied) {
    this.vertx = vertx;
    this.workers = workers;
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
    boolean configured = wanted.host().equals(own.host());
    if (proxied.test(wanted)) {
      return configured || !isNear(wanted.host())
          ? Future.succeededFuture(List.of())
          : Future.failedFuture(refusal(attempt, wanted));
    }
    if (configured) {
      return resolve(attempt, wanted.host());
    }
    // A registry behind a proxy may have no address here, and is as far away as any.
    return (proxied.test(own)
            ? Future.succeededFuture(List.<InetAddress>of())
            : resolve(attempt, own.host()))
        .compose(
            ours ->
                resolve(attempt, wanted.host())
                    .map(theirs -> checked(attempt, wanted, ours, theirs)));
  }

  private static List<InetAddress> checked(
      Attempt attempt, Origin wanted, List<InetAddress> ours, List<InetAddress> theirs) {
    Reach allowed = Reach.PUBLIC;
    for (InetAddress address : ours) {
      Reach reach = Reach.of(address);
      if (reach != Reach.NEVER && reach.compareTo(allowed) > 0) {
        allowed = reach;
      }
    }
    for (InetAddress address : theirs) {
      if (Reach.of(address).compareTo(allowed) > 0) {
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
            workers.executeBlocking(() -> names.lookup(bare), false),
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
            + ", an address nearer to us than this registry itself, so it was not followed");
  }
}
