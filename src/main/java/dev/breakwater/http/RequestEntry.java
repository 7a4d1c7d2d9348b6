package dev.breakwater.http;

import dev.breakwater.access.Caller;
import dev.breakwater.oci.FailureCause;
import io.vertx.core.Future;
import io.vertx.core.http.HttpServerRequest;
import java.net.InetAddress;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Where every request enters and every answer is accounted for: front filter, router, error
 * responder, access log. One per event loop.
 */
final class RequestEntry {
  private final ClientLogin login;
  private final ApiRouter router;
  private final ErrorResponder errors;
  private final AccessLog log;
  private final BodyDiscarder bodies;
  private final int maxHeaders;
  private final Predicate<InetAddress> trustedProxies;

  RequestEntry(
      ClientLogin login,
      ApiRouter router,
      ErrorResponder errors,
      AccessLog log,
      BodyDiscarder bodies,
      int maxHeaders,
      Predicate<InetAddress> trustedProxies) {
    this.login = login;
    this.router = router;
    this.bodies = bodies;
    this.errors = errors;
    this.log = log;
    this.maxHeaders = maxHeaders;
    this.trustedProxies = trustedProxies;
  }

  /** A request whose head could be read. */
  void take(HttpServerRequest request) {
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    if (guard.isClosing()) {
      return; // was in the pipe behind one that ended the connection
    }
    Exchange exchange = new Exchange(request, guard, trustedProxies);
    RequestClient.note(exchange.client());
    Optional<Refusal> refusal =
        FrontFilter.check(
            request.method(), request.version(), exchange.target(), request.headers(), maxHeaders);
    if (refusal.isPresent()) {
      conclude(exchange, errors.refuse(exchange, refusal.get()));
      return;
    }
    answer(exchange)
        .onSuccess(sent -> ended(exchange))
        .onFailure(failure -> failed(exchange, failure));
  }

  /** A request that the decoder gave up on. */
  void takeMalformed(HttpServerRequest request) {
    ConnectionGuard guard = ConnectionGuard.of(request.connection());
    if (!guard.isClosing()) {
      Exchange exchange = new Exchange(request, guard, trustedProxies);
      Refusal refusal = FrontFilter.malformed(request.decoderResult().cause());
      conclude(exchange, errors.refuse(exchange, refusal));
    }
  }

  private Future<Void> answer(Exchange exchange) {
    Future<Caller> caller = login.identify(exchange);
    if (caller.succeeded()) {
      return answer(exchange, caller.result());
    }
    // A body that begins to come meanwhile waits for the endpoint.
    exchange.request().pause();
    return caller.compose(
        known -> {
          Future<Void> answered = answer(exchange, known);
          exchange.request().resume();
          return answered;
        });
  }

  private Future<Void> answer(Exchange exchange, Caller caller) {
    exchange.madeBy(caller);
    try {
      return router.answer(exchange);
    } catch (RuntimeException e) {
      return Future.failedFuture(e);
    }
  }

  private void failed(Exchange exchange, Throwable failure) {
    if (failure instanceof ClientLeftException gone) {
      exchange.noteCause(gone.failureCause());
      left(exchange);
    } else {
      Future<Void> discarded = bodies.discard(exchange);
      exchange.request().resume();
      conclude(exchange, discarded.compose(done -> errors.answer(exchange, failure)));
    }
  }

  private void conclude(Exchange exchange, Future<Void> answered) {
    answered.onSuccess(sent -> ended(exchange)).onFailure(failure -> left(exchange));
  }

  private void ended(Exchange exchange) {
    if (exchange.closesAfterwards() || exchange.guard().isLast()) {
      exchange.guard().closeSoftly();
    }
    log.ended(exchange);
  }

  private void left(Exchange exchange) {
    if (exchange.response().headWritten()) {
      log.ended(exchange);
    } else {
      exchange.noteCause(FailureCause.CLIENT_LEFT);
      log.left(exchange);
    }
  }
}
