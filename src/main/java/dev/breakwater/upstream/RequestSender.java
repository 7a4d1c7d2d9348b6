package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.net.SocketAddress;
import java.net.InetAddress;
import java.util.List;

/** Sends one HTTP request and waits for the head of its answer; nothing is followed. */
final class RequestSender {
  private final Vertx vertx;
  private final UpstreamClients clients;
  private final AddressGuard guard;

  RequestSender(Vertx vertx, UpstreamClients clients, AddressGuard guard) {
    this.vertx = vertx;
    this.clients = clients;
    this.guard = guard;
  }

  /**
   * The answer's head, its body paused; it comes before the attempt's deadline or fails then with
   * {@link UpstreamOutcome#TIMEOUT}, and whatever comes later is thrown away.
   */
  Future<HttpClientResponse> send(
      Attempt attempt, HttpMethod method, Target target, MultiMap headers) {
    return guard
        .admit(attempt, target.origin())
        .compose(
            addresses -> exchange(attempt, options(attempt, method, target, addresses), headers))
        .recover(failure -> Future.failedFuture(TransportFailures.of(attempt, failure)));
  }

  private Future<HttpClientResponse> exchange(
      Attempt attempt, RequestOptions options, MultiMap headers) {
    // One timer of our own for connection, queue and head together: Vert.x' idle timeout starts
    // anew with every byte of a header that drips.
    Promise<HttpClientResponse> head = Promise.promise();
    Future<HttpClientRequest> connected =
        clients.forKind(attempt.call().kind()).request(options.setHeaders(headers));
    long timer =
        vertx.setTimer(
            attempt.deadline().remainingMillis(),
            id -> {
              if (head.tryFail(late(attempt))) {
                connected.onSuccess(HttpClientRequest::reset);
              }
            });
    connected
        .compose(request -> head.future().isComplete() ? abandoned(request) : request.send())
        .onComplete(
            result -> {
              vertx.cancelTimer(timer);
              if (result.failed()) {
                head.tryFail(result.cause());
              } else if (head.tryComplete(held(result.result()))) {
                return;
              } else {
                result.result().request().reset();
              }
            });
    return head.future();
  }

  private RequestOptions options(
      Attempt attempt, HttpMethod method, Target target, List<InetAddress> addresses) {
    Origin origin = target.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost(origin.host())
            .setPort(origin.port())
            .setSsl(origin.isTls())
            .setURI(target.requestUri())
            .setFollowRedirects(false)
            .setConnectTimeout(attempt.deadline().remainingMillis());
    clients.proxy().ifPresent(options::setProxyOptions);
    if (!addresses.isEmpty()) {
      InetAddress address = addresses.get(attempt.round() % addresses.size());
      options.setServer(SocketAddress.inetSocketAddress(origin.port(), address.getHostAddress()));
    }
    return options;
  }

  /** Whoever reads the body sets a handler of his own; without any, Vert.x logs our own resets. */
  private static HttpClientResponse held(HttpClientResponse response) {
    return response.pause().exceptionHandler(failure -> {});
  }

  private static Future<HttpClientResponse> abandoned(HttpClientRequest request) {
    request.reset();
    return Future.failedFuture("given up");
  }

  private static UpstreamException late(Attempt attempt) {
    return attempt.failure(UpstreamOutcome.TIMEOUT, "no answer within the time limit");
  }
}
