package dev.breakwater.http;

import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.function.Predicate;

/**
 * Where a request came from, and how it addressed us: by what the connection says, and the headers
 * of the proxy before us if that is trusted.
 */
final class RequestOrigin {
  private final HttpServerRequest request;
  private final String host;
  private final String peer;
  private final ForwardedHeaders forwarded;

  /**
   * Looks at a request.
   *
   * @param host what it names as our host; may be empty
   * @param trusted which addresses are proxies to believe
   */
  RequestOrigin(HttpServerRequest request, String host, Predicate<InetAddress> trusted) {
    this.request = request;
    this.host = host;
    SocketAddress address = request.remoteAddress();
    this.peer = address == null ? "" : String.valueOf(address.hostAddress());
    this.forwarded =
        isTrusted(peer, trusted)
            ? ForwardedHeaders.read(request.headers(), trusted)
            : ForwardedHeaders.NONE;
  }

  /** Whether an address, as text, is one of a proxy to believe. */
  // Most listeners have no proxies: for them no address is parsed.
  @SuppressWarnings("ReferenceEquality")
  static boolean isTrusted(String address, Predicate<InetAddress> trusted) {
    return trusted != ServerSettings.NO_PROXIES
        && !address.isEmpty()
        && trusted.test(InetAddress.ofLiteral(address));
  }

  /** The address of the client. */
  String client() {
    String named = forwarded.client();
    return named == null ? peer : named;
  }

  /** Whether the client is behind a proxy, so that its address is not the connection's. */
  boolean isForwarded() {
    return forwarded.client() != null;
  }

  /** How the client addressed us. */
  ExternalUrl external() {
    String scheme = forwarded.scheme();
    String own = FrontFilter.isHost(host) ? host : ExternalUrl.authority(request.localAddress());
    return ExternalUrl.of(
        scheme == null ? request.isSSL() : scheme.equals("https"), forwarded.authority(own));
  }
}
