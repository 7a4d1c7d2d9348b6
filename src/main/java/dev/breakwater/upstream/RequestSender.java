package dev.breakwater.upstream;

import io.vertx.core.Future;
import io.vertx.core.MultiMap;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.RequestOptions;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Sends one HTTP request that may be repeated, GET, HEAD or the POST to a token server, and waits
 * for the head of its answer; redirects are not followed.
 */
final class RequestSender {
  /*
   * Two things are repeated here, on the spot and without being a retry that anyone else sees. A
   * request that went out on a connection which had carried others, and found it closed before any
   * answer came: registries close idle connections when they like, and that says nothing about them.
   * And a request that has been waiting for its head for a third of its time, and not less than two
   * seconds: it is sent once more
   * beside the first one, on a connection of its own, and again after another third; the first head
   * to come is the answer. What is slow but alive is waited for all the same.
   */
  private static final int SENDINGS = 3;
  private static final long LEAST_PATIENCE_MILLIS = 2000;

  private final Vertx vertx;
  private final UpstreamClients clients;
  private final AddressGuard guard;
  private final RequestRate rate;
  private final Connector connector;

  RequestSender(Vertx vertx, UpstreamClients clients, AddressGuard guard, RequestRate rate) {
    this.vertx = vertx;
    this.clients = clients;
    this.guard = guard;
    this.rate = rate;
    this.connector = new Connector(vertx);
  }

  /**
   * The answer's head, its body paused; it comes before the attempt's deadline or fails then with
   * {@link UpstreamOutcome#TIMEOUT}, and whatever comes later is thrown away.
   */
  Future<HttpClientResponse> send(
      Attempt attempt, HttpMethod method, Target target, MultiMap headers) {
    return send(attempt, method, target, headers, Buffer.buffer());
  }

  /** The same for a POST that changes nothing where it goes. */
  Future<HttpClientResponse> post(Attempt attempt, Target target, MultiMap headers, String body) {
    return send(attempt, HttpMethod.POST, target, headers, Buffer.buffer(body));
  }

  private Future<HttpClientResponse> send(
      Attempt attempt, HttpMethod method, Target target, MultiMap headers, Buffer body) {
    return guard
        .admit(attempt, target.origin())
        .compose(
            addresses ->
                new Sending(
                        attempt, options(attempt, method, target, headers), target, addresses, body)
                    .begin())
        .recover(failure -> Future.failedFuture(TransportFailures.of(attempt, failure)));
  }

  private RequestOptions options(
      Attempt attempt, HttpMethod method, Target target, MultiMap headers) {
    Origin origin = target.origin();
    RequestOptions options =
        new RequestOptions()
            .setMethod(method)
            .setHost(origin.host())
            .setPort(origin.port())
            .setSsl(origin.isTls())
            .setURI(target.requestUri())
            .setHeaders(headers)
            .setFollowRedirects(false)
            .setConnectTimeout(attempt.deadline().remainingMillis());
    clients.proxyFor(origin).ifPresent(options::setProxyOptions);
    return options;
  }

  /** One request, however often it is sent. Confined to the context it was made on. */
  private final class Sending {
    private final Attempt attempt;
    private final RequestOptions options;
    private final Target target;
    private final List<InetAddress> addresses;
    private final Buffer body;
    private final Promise<HttpClientResponse> head = Promise.promise();
    private final List<HttpClientRequest> sent = new ArrayList<>();
    private int begun;
    private int failed;
    private long hedge = -1;

    Sending(
        Attempt attempt,
        RequestOptions options,
        Target target,
        List<InetAddress> addresses,
        Buffer body) {
      this.attempt = attempt;
      this.options = options;
      this.target = target;
      this.addresses = addresses;
      this.body = body;
    }

    Future<HttpClientResponse> begin() {
      // One timer of our own for connection, queue and head together: Vert.x' idle timeout starts
      // anew with every byte of a header that drips.
      long timer =
          vertx.setTimer(attempt.deadline().remainingMillis(), id -> end(null, late(attempt)));
      once(clients.forKind(attempt.call().kind(), target.origin()));
      return head.future().onComplete(result -> vertx.cancelTimer(timer));
    }

    private void once(HttpClient client) {
      int round = attempt.round() + begun;
      begun++;
      countOnce();
      connector
          .connect(client, options, target.origin(), addresses, round)
          .compose(this::answer)
          .onSuccess(response -> end(response, null))
          .onFailure(
              failure -> {
                failed++;
                if (failed == begun) {
                  end(null, failure);
                }
              });
    }

    /** Where a redirect led is another host's business. */
    private void countOnce() {
      if (attempt.hop() != Hop.CONTENT && !attempt.call().paid().getAndSet(false)) {
        rate.count();
      }
    }

    private Future<HttpClientResponse> answer(HttpClientRequest request) {
      if (head.future().isComplete()) {
        request.reset();
        return Future.failedFuture("given up");
      }
      boolean first = clients.isFirstUse(request.connection());
      sent.add(request);
      sendAgainLater();
      return (body.length() == 0 ? request.send() : request.send(body))
          .map(RequestSender::held)
          .recover(
              failure ->
                  !first && !head.future().isComplete() && isBroken(failure)
                      ? connector
                          .connect(
                              clients.fresh(target.origin()),
                              options,
                              target.origin(),
                              addresses,
                              attempt.round())
                          .compose(this::answer)
                      : Future.failedFuture(failure));
    }

    private void sendAgainLater() {
      if (begun >= SENDINGS || hedge >= 0) {
        return;
      }
      long patience = attempt.deadline().remainingMillis() / (SENDINGS + 1 - begun);
      hedge =
          vertx.setTimer(
              Math.max(LEAST_PATIENCE_MILLIS, patience),
              id -> {
                hedge = -1;
                once(clients.fresh(target.origin()));
              });
    }

    private boolean isBroken(Throwable failure) {
      return TransportFailures.of(attempt, failure).outcome() == UpstreamOutcome.CONNECT;
    }

    /** The first to come counts; the connections of the others are closed. */
    private void end(@Nullable HttpClientResponse response, @Nullable Throwable failure) {
      boolean isFirst =
          response != null
              ? head.tryComplete(response)
              : head.tryFail(failure == null ? late(attempt) : failure);
      if (!isFirst) {
        if (response != null) {
          response.request().reset();
        }
        return;
      }
      if (hedge >= 0) {
        vertx.cancelTimer(hedge);
        hedge = -1;
      }
      for (HttpClientRequest request : sent) {
        if (response == null || !request.equals(response.request())) {
          request.reset();
        }
      }
    }
  }

  /** The reader of the body sets its own handler; without any, Vert.x logs our own resets. */
  private static HttpClientResponse held(HttpClientResponse response) {
    return response.pause().exceptionHandler(failure -> {});
  }

  private static UpstreamException late(Attempt attempt) {
    return attempt.failure(UpstreamOutcome.TIMEOUT, "no answer within the time limit");
  }
}
