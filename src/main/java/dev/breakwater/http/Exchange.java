package dev.breakwater.http;

import dev.breakwater.access.Caller;
import dev.breakwater.access.Scope;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Action;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.registry.Identity;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Zones;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.net.InetAddress;
import java.util.EnumSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * One request and what becomes of it: the head and body go out through here, and what the access
 * log and the metrics want to know is collected on the way. Confined to the request's event loop.
 */
final class Exchange {
  private final HttpServerRequest request;
  private final RequestTarget target;
  private final ConnectionGuard guard;
  private Caller caller = Caller.ANONYMOUS;
  private String scopeName = "";
  private Action action = Action.PULL;
  private final RequestOrigin origin;
  private final long startNanos = System.nanoTime();

  private ContentKind kind = ContentKind.OTHER;
  private String upstream = Metrics.LOCAL;
  private String repository = "";
  private String reference = "";
  private String namespace = "";
  private String error = "";
  private String detail = "";
  private @Nullable FailureCause cause;
  private CacheResult result = CacheResult.ERROR;
  private boolean closing;
  private long bytes;
  private long firstByteNanos;

  Exchange(
      HttpServerRequest request, ConnectionGuard guard, Predicate<InetAddress> trustedProxies) {
    this.request = request;
    this.target = RequestTarget.of(request.uri(), request.headers().get(Fields.HOST));
    this.guard = guard;
    this.origin = new RequestOrigin(request, target.host(), trustedProxies);
  }

  HttpServerRequest request() {
    return request;
  }

  HttpServerResponse response() {
    return request.response();
  }

  ConnectionGuard guard() {
    return guard;
  }

  /**
   * What the client wants to do.
   *
   * @param name by which a token is asked for the repository
   */
  void wants(String name, Action action) {
    this.scopeName = name;
    this.action = action;
  }

  /** What a token for this request is asked for; none until that is known. */
  List<Scope> scopes() {
    return scopeName.isEmpty()
        ? List.of()
        : List.of(
            Scope.repository(
                scopeName,
                action == Action.DELETE
                    ? EnumSet.of(Action.DELETE)
                    : EnumSet.of(Action.PULL, action)));
  }

  /** The client has proved who it is. */
  void madeBy(Caller known) {
    caller = known;
  }

  /** In whose name the request is made, and what its token is for. */
  Caller caller() {
    return caller;
  }

  /** In whose name the request is made. */
  Identity identity() {
    return caller.identity();
  }

  /** The address of the client, as far as it is known: of the last proxy that is not trusted. */
  String clientHost() {
    return origin.client();
  }

  /** What counts as one client for limits, see {@link ClientNetwork}. */
  String client() {
    return origin.isForwarded() ? ClientNetwork.of(origin.client()) : guard.client();
  }

  /** How the client reaches us, for what is told to it as a whole URL. */
  ExternalUrl external() {
    return origin.external();
  }

  /** The raw path, without the query. */
  String path() {
    return target.path();
  }

  /** What is asked for. */
  RequestTarget target() {
    return target;
  }

  boolean isHead() {
    return request.method().equals(HttpMethod.HEAD);
  }

  /** Says what the request is about, as soon as that is known. */
  void about(ContentKind kind, String repository, String reference) {
    this.kind = kind;
    this.repository = repository;
    this.reference = reference;
  }

  /** Says which registry it concerns. */
  void at(Zones.Target target) {
    upstream = target.zone().value();
    repository = target.name().value();
  }

  /** The client chose the registry by {@code ?ns=}; the answer repeats it. */
  void chosenBy(String namespace) {
    this.namespace = namespace;
  }

  /** The connection is to be closed after this answer. */
  void closeAfterwards() {
    closing = true;
  }

  boolean closesAfterwards() {
    return closing;
  }

  /** Begins an answer from what the repository gave. */
  HttpServerResponse begin(int status, Provenance provenance) {
    result = provenance.result();
    detail = Objects.requireNonNullElse(provenance.detail(), "");
    return begin(status, CacheStatus.of(provenance, !isHead()));
  }

  /** Begins an answer that was made here. */
  HttpServerResponse beginLocal(int status) {
    result = CacheResult.LOCAL;
    return begin(status, CacheStatus.LOCAL);
  }

  /** Begins an error answer. */
  HttpServerResponse beginError(int status, String cacheStatus, FailureCause why) {
    result = why.cacheResult();
    cause = why;
    return begin(status, cacheStatus);
  }

  private HttpServerResponse begin(int status, String cacheStatus) {
    HttpServerResponse response = request.response();
    response
        .setStatusCode(status)
        .putHeader(Fields.API_VERSION, Fields.API_VERSION_2)
        .putHeader(Fields.NO_SNIFF, Fields.NOSNIFF)
        .putHeader(Fields.CACHE_STATUS, cacheStatus);
    if (!namespace.isEmpty()) {
      response.putHeader(Fields.NAMESPACE, namespace);
    }
    if (closing || guard.isLast()) {
      response.putHeader(Fields.CONNECTION, Fields.CLOSE);
    }
    return response;
  }

  /** Ends an answer whose length is set, or that may not have one, without a body. */
  Future<Void> endEmpty() {
    return send(Buffer.buffer());
  }

  /** Ends an answer with a body; of an answer to HEAD only its length is sent. */
  Future<Void> end(Buffer body) {
    request.response().putHeader(Fields.CONTENT_LENGTH, Integer.toString(body.length()));
    if (isHead()) {
      return endEmpty();
    }
    bytes += body.length();
    return send(body);
  }

  private Future<Void> send(Buffer body) {
    if (request.response().closed()) {
      return Future.failedFuture(new ClientLeftException("gone before the answer"));
    }
    firstByteSent();
    if (closing) {
      guard.readNoMore();
    }
    return request
        .response()
        .end(body)
        .recover(failure -> Future.failedFuture(new ClientLeftException("gone during the answer")));
  }

  /** The head is on its way. */
  void firstByteSent() {
    if (firstByteNanos == 0) {
      firstByteNanos = System.nanoTime();
    }
  }

  /** Counts body bytes that have left. */
  void sent(long count) {
    bytes += count;
  }

  /** The rest of the answer will never come. */
  void failed() {
    result = CacheResult.ERROR;
  }

  /** Notes for the log why the request was not answered as the client hoped. */
  void noteError(FailureCause why, String message) {
    cause = why;
    error = message;
  }

  /** Notes the same where there is no more to say of it. */
  void noteCause(FailureCause why) {
    cause = why;
  }

  /** What was noted of why the request failed; empty if nothing failed. */
  Optional<FailureCause> cause() {
    return Optional.ofNullable(cause);
  }

  /** Why the answer is what it is, as in {@code Cache-Status}; may be empty. */
  String detail() {
    return detail;
  }

  /** What {@link #noteError} has noted; empty if nothing failed. */
  String error() {
    return error;
  }

  ContentKind kind() {
    return kind;
  }

  String upstream() {
    return upstream;
  }

  String repository() {
    return repository;
  }

  String reference() {
    return reference;
  }

  CacheResult result() {
    return result;
  }

  long bytes() {
    return bytes;
  }

  double secondsToFirstByte() {
    return firstByteNanos == 0 ? 0 : (firstByteNanos - startNanos) / 1e9;
  }

  double secondsSoFar() {
    return (System.nanoTime() - startNanos) / 1e9;
  }

  /** What was being done, for a message: {@code GET manifest 1.27 of library/nginx (docker.io)}. */
  String subject() {
    if (repository.isEmpty()) {
      return LogText.clean(request.method() + " " + request.uri());
    }
    return request.method()
        + " "
        + kind.label()
        + (reference.isEmpty() ? "" : " " + reference)
        + " of "
        + repository
        + " ("
        + upstream
        + ")";
  }
}
