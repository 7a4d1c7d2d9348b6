package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Connects to a host by one of its addresses. A host that has several may be reachable by some of
 * them only: IPv6 is announced where it does not work, a node of a content network is down. So they
 * are tried one after the other, IPv4 and IPv6 in turn, the next one as soon as the one before has
 * failed or has not connected within {@link #HEAD_START}; the first connection is used (RFC 8305,
 * in a simple form). The address that connected last is the first to be tried. Thread-safe.
 */
final class Connector {
  private static final Duration HEAD_START = Duration.ofSeconds(1);
  private static final int HOSTS = 1000;

  private final Vertx vertx;
  private final Cache<Origin, InetAddress> reached =
      Caffeine.newBuilder().maximumSize(HOSTS).build();

  Connector(Vertx vertx) {
    this.vertx = vertx;
  }

  /**
   * A request on a connection that is made or comes from the client's pool. On the current context.
   *
   * @param addresses of the host; empty if a proxy resolves its name
   * @param round how often the host was asked before: begins with another address
   */
  Future<HttpClientRequest> connect(
      HttpClient client,
      RequestOptions options,
      Origin origin,
      List<InetAddress> addresses,
      int round) {
    if (addresses.isEmpty()) {
      return client.request(options);
    }
    Race race = new Race(client, options, origin, order(origin, addresses, round));
    race.next();
    return race.winner.future();
  }

  private List<InetAddress> order(Origin origin, List<InetAddress> addresses, int round) {
    List<InetAddress> order = alternating(addresses);
    InetAddress last = reached.getIfPresent(origin);
    if (last != null && order.remove(last)) {
      order.addFirst(last);
    }
    Collections.rotate(order, -(round % order.size()));
    return order;
  }

  /** The first address's family first. */
  static List<InetAddress> alternating(List<InetAddress> addresses) {
    List<InetAddress> one = new ArrayList<>();
    List<InetAddress> other = new ArrayList<>();
    for (InetAddress address : addresses) {
      (address.getClass() == addresses.getFirst().getClass() ? one : other).add(address);
    }
    List<InetAddress> order = new ArrayList<>();
    for (int i = 0; i < Math.max(one.size(), other.size()); i++) {
      if (i < one.size()) {
        order.add(one.get(i));
      }
      if (i < other.size()) {
        order.add(other.get(i));
      }
    }
    return order;
  }

  /** As Vert.x wants it: it takes the address for the host of an authority (RFC 3986, 3.2.2). */
  private static String literal(InetAddress address) {
    String text = address.getHostAddress();
    int scope = text.indexOf('%');
    String bare = scope < 0 ? text : text.substring(0, scope);
    return address instanceof Inet6Address ? '[' + bare + ']' : bare;
  }

  private final class Race {
    private final HttpClient client;
    private final RequestOptions options;
    private final Origin origin;
    private final List<InetAddress> addresses;
    private final Promise<HttpClientRequest> winner = Promise.promise();
    private int begun;
    private int ended;

    Race(HttpClient client, RequestOptions options, Origin origin, List<InetAddress> addresses) {
      this.client = client;
      this.options = options;
      this.origin = origin;
      this.addresses = addresses;
    }

    void next() {
      if (begun >= addresses.size() || winner.future().isComplete()) {
        return;
      }
      InetAddress address = addresses.get(begun++);
      RequestOptions to =
          new RequestOptions(options)
              .setServer(SocketAddress.inetSocketAddress(origin.port(), literal(address)));
      int number = begun;
      long timer =
          begun < addresses.size()
              ? vertx.setTimer(HEAD_START.toMillis(), id -> nextAfter(number))
              : -1;
      client
          .request(to)
          .onComplete(
              result -> {
                if (timer >= 0) {
                  vertx.cancelTimer(timer);
                }
                ended++;
                if (result.succeeded()) {
                  won(address, result.result());
                } else if (begun < addresses.size()) {
                  next();
                } else if (ended == begun) {
                  winner.tryFail(result.cause());
                }
              });
    }

    private void nextAfter(int number) {
      if (begun == number) {
        next();
      }
    }

    private void won(InetAddress address, HttpClientRequest request) {
      if (winner.tryComplete(request)) {
        reached.put(origin, address);
      } else {
        request.reset();
      }
    }
  }
}
