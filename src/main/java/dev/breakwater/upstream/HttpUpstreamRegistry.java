package dev.breakwater.upstream;

import dev.breakwater.admin.api.UpstreamInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * A registry of the distribution API, reached over HTTP/1.1. Thread-safe; its creator closes it,
 * which breaks off what is under way.
 */
public final class HttpUpstreamRegistry implements UpstreamRegistry, AutoCloseable {
  /** Calls that wait for their turn; more are refused at once. */
  private static final int MOST_WAITING = 4096;

  private static final Duration BUSY_FOR = Duration.ofSeconds(5);

  private final Vertx vertx;
  private final UpstreamSettings settings;
  private final Environment environment;
  private final OutcomeRecorder outcomes;
  private final UpstreamClients clients;
  private final NameCache names;
  private final List<CredentialSource> logins;
  private final ParseExecutor parsing;
  private final QuotaGovernor governor;
  private final Breakers breakers;
  private final Map<ContentKind, AdaptiveTimeout> patience = new EnumMap<>(ContentKind.class);
  private final Failover failover;
  private final CallQueue blobCalls;
  private final CallQueue otherCalls;
  private final ManifestRequests manifests;
  private final BlobRequests blobs;
  private final ListingRequests listings;

  /**
   * Reads the files that the settings name, and opens no connection yet.
   *
   * @param nanos the monotonic clock
   * @param client the address of the client that the work at hand is done for; clients take turns
   *     when many calls wait
   * @throws IllegalArgumentException if one of them cannot be used
   */
  public HttpUpstreamRegistry(
      Vertx vertx,
      UpstreamSettings settings,
      Metrics metrics,
      LongSupplier nanos,
      Supplier<String> client) {
    this(vertx, settings, metrics, Environment.ofThisMachine(nanos, client));
  }

  HttpUpstreamRegistry(
      Vertx vertx, UpstreamSettings settings, Metrics metrics, Environment environment) {
    this.vertx = vertx;
    this.settings = settings;
    this.environment = environment;
    this.outcomes = new OutcomeRecorder(settings.zone(), metrics, environment);
    this.logins = CredentialSources.open(vertx, settings, environment.nanos());
    this.clients = new UpstreamClients(vertx, settings);
    this.names = new NameCache(vertx, settings.zone(), environment.lookup(), environment.nanos());
    this.parsing = new ParseExecutor(vertx);
    TimeLimits limits = settings.limits();
    AddressGuard guard =
        new AddressGuard(vertx, names, limits, origin -> clients.proxyFor(origin).isPresent());
    RequestRate rate = new RequestRate(settings.requests().rate(), environment.nanos());
    RequestSender sender = new RequestSender(vertx, clients, guard, rate);
    BodyReader bodies = new BodyReader(vertx, outcomes, parsing);
    StatusFailures failures = new StatusFailures(bodies, environment.wall());
    List<Endpoint> endpoints = endpoints(settings);
    this.governor = QuotaGovernor.of(settings.zone(), logins, metrics, environment.nanos());
    Map<Endpoint, QuotaGovernor> governors = governors(endpoints);
    TokenServer tokenServer = new TokenServer(sender, bodies, failures, outcomes);
    UpstreamExchange exchange =
        new UpstreamExchange(
            sender, bodies, failures, outcomes, authorizers(governors, tokenServer), governors);
    this.breakers = new Breakers(settings.zone(), endpoints, metrics, environment);
    for (ContentKind kind : ContentKind.values()) {
      patience.put(kind, new AdaptiveTimeout(environment.nanos()));
    }
    this.failover =
        new Failover(vertx, endpoints, breakers, governors, limits, environment.random());
    this.blobCalls = new CallQueue(vertx, settings.requests().blobs(), MOST_WAITING, rate);
    this.otherCalls = new CallQueue(vertx, settings.requests().others(), MOST_WAITING, rate);
    this.manifests = new ManifestRequests(exchange, bodies, failures);
    this.blobs =
        new BlobRequests(vertx, exchange, bodies, failures, outcomes, limits, environment.nanos());
    this.listings = new ListingRequests(exchange, bodies, failures);
  }

  @Override
  public ZoneName zone() {
    return settings.zone();
  }

  @Override
  public UpstreamHealth health(ContentKind kind) {
    UpstreamHealth health =
        governor.isSilenced(kind)
            ? UpstreamHealth.bad(false, UpstreamOutcome.RATE_LIMITED)
            : breakers.trouble(kind).orElseGet(() -> patience(kind).health());
    return health.stretched(governor.stretch());
  }

  /** How it stands, for people: breakers, accounts, stretch; no secrets. */
  public UpstreamInfo report(boolean offline) {
    return new UpstreamInfo(
        zone().value(), offline, breakers.states(), governor.report(), governor.stretch());
  }

  private AdaptiveTimeout patience(ContentKind kind) {
    return Objects.requireNonNull(patience.get(kind));
  }

  @Override
  public Future<ManifestHead> headManifest(
      RepositoryName repository, Reference reference, Optional<ManifestHead> before) {
    Call call =
        call(
            ContentKind.MANIFEST, "asking for manifest " + name(repository, reference), repository);
    Optional<Digest> held = before.map(ManifestHead::digest);
    return atHome(
        () ->
            run(call, attempt -> manifests.head(attempt, reference, held))
                .onSuccess(
                    head -> {
                      if (head.isPresent()) {
                        outcomes.succeeded(call);
                      } else {
                        outcomes.confirmed(call);
                      }
                    })
                .map(head -> head.or(() -> before).orElseThrow()));
  }

  @Override
  public Future<PulledManifest> getManifest(RepositoryName repository, Reference reference) {
    return counted(
        pull("pulling manifest " + name(repository, reference), repository),
        attempt -> manifests.get(attempt, reference));
  }

  @Override
  public Future<OptionalLong> headBlob(RepositoryName repository, Digest digest) {
    return counted(
        call(ContentKind.BLOB, "asking for blob " + name(repository, digest), repository),
        attempt -> blobs.head(attempt, digest));
  }

  @Override
  public Future<BlobTransfer> openBlob(
      RepositoryName repository, Digest digest, long first, OptionalLong last) {
    Call call = call(ContentKind.BLOB, "pulling blob " + name(repository, digest), repository);
    return atHome(
        () ->
            run(
                call,
                attempt -> blobs.open(attempt, digest, first, last),
                transfer -> transfer.completion().otherwiseEmpty()));
  }

  @Override
  public Future<List<Tag>> listTags(RepositoryName repository) {
    return counted(
        call(ContentKind.TAGS, "listing the tags of " + repository, repository), listings::tags);
  }

  @Override
  public Future<Optional<ReferrersIndex>> listReferrers(RepositoryName repository, Digest subject) {
    Call call =
        call(
            ContentKind.REFERRERS,
            "listing the referrers of " + name(repository, subject),
            repository);
    return counted(call, attempt -> listings.referrers(attempt, subject))
        .map(Optional::of)
        .recover(
            failure ->
                failure instanceof UpstreamException stated
                        && stated.outcome() == UpstreamOutcome.NOT_FOUND
                    ? Future.succeededFuture(Optional.empty())
                    : Future.failedFuture(failure));
  }

  @Override
  public void close() {
    clients.close();
    names.close();
    parsing.close();
    logins.forEach(CredentialSource::close);
  }

  private Call call(ContentKind kind, String subject, RepositoryName repository) {
    return new Call(kind, subject, repository, false, deadline());
  }

  private Call pull(String subject, RepositoryName repository) {
    return new Call(ContentKind.MANIFEST, subject, repository, true, deadline());
  }

  private Deadline deadline() {
    return Deadline.in(settings.limits().headers(), environment.nanos());
  }

  private <T> Future<T> counted(Call call, Function<Attempt, Future<T>> step) {
    return atHome(() -> run(call, step).onSuccess(result -> outcomes.succeeded(call)));
  }

  private <T> Future<T> run(Call asked, Function<Attempt, Future<T>> step) {
    return run(asked, step, result -> Future.succeededFuture());
  }

  /**
   * Runs a call when it has its turn; its time begins then.
   *
   * @param occupied what of the result still needs the call's connection
   */
  private <T> Future<T> run(
      Call asked, Function<Attempt, Future<T>> step, Function<T, Future<Void>> occupied) {
    CallQueue queue = asked.kind() == ContentKind.BLOB ? blobCalls : otherCalls;
    return queue
        .enter(environment.client().get(), settings.limits().headers(), isAsked(asked.kind()))
        .compose(
            lease ->
                lease.isEmpty()
                    ? Future.failedFuture(busy(asked, queue))
                    : admitted(asked.with(deadline(), lease.get().isPaid()), step)
                        .onSuccess(
                            result ->
                                occupied.apply(result).onComplete(over -> lease.get().leave()))
                        .onFailure(failure -> lease.get().leave()));
  }

  private boolean isAsked(ContentKind kind) {
    return breakers.trouble(kind).isEmpty() && !governor.isSilenced(kind);
  }

  private UpstreamException busy(Call call, CallQueue queue) {
    UpstreamException busy =
        new UpstreamException(
            UpstreamOutcome.BUSY,
            call.subject()
                + " from "
                + zone()
                + ": not asked, because "
                + queue.waiting()
                + " requests to it wait here already"
                + settings.requests().reason(zone()),
            0,
            BUSY_FOR,
            null,
            UpstreamException.Prospect.NOT_ASKED,
            Hop.REGISTRY);
    outcomes.failed(call, busy);
    return busy;
  }

  private <T> Future<T> admitted(Call call, Function<Attempt, Future<T>> step) {
    AdaptiveTimeout waiting = patience(call.kind());
    waiting.asked();
    return failover
        .run(call, step)
        .onSuccess(result -> waiting.answered(call.deadline().elapsed()))
        .onFailure(
            failure -> {
              if (failure instanceof UpstreamException stated) {
                outcomes.failed(call, stated);
                if (stated.outcome().isUnavailable()) {
                  waiting.failed(stated.outcome());
                } else {
                  waiting.answered(call.deadline().elapsed());
                }
              }
            });
  }

  /** Runs on the caller's context; a caller without one gets one. */
  private <T> Future<T> atHome(Supplier<Future<T>> work) {
    if (Vertx.currentContext() != null) {
      return work.get();
    }
    Context context = vertx.getOrCreateContext();
    Promise<T> result = Promise.promise();
    context.runOnContext(ignored -> work.get().onComplete(result));
    return result.future();
  }

  private Map<Endpoint, Authorizer> authorizers(
      Map<Endpoint, QuotaGovernor> governors, TokenServer server) {
    TokenCache tokens = new TokenCache(vertx, environment.nanos(), settings.keepsTokens());
    Map<Endpoint, Authorizer> authorizers = new HashMap<>();
    governors.forEach(
        (endpoint, keeper) ->
            authorizers.put(
                endpoint,
                new Authorizer(
                    vertx, settings.zone(), endpoint, settings.realms(), tokens, server, keeper)));
    return authorizers;
  }

  /** The accounts are the registry's own; its mirrors are asked anonymously. */
  private Map<Endpoint, QuotaGovernor> governors(List<Endpoint> endpoints) {
    Map<Endpoint, QuotaGovernor> governors = new HashMap<>();
    for (Endpoint endpoint : endpoints) {
      governors.put(
          endpoint,
          endpoint.primary()
              ? governor
              : QuotaGovernor.ofMirror(settings.zone(), environment.nanos()));
    }
    return governors;
  }

  private static List<Endpoint> endpoints(UpstreamSettings settings) {
    List<Endpoint> endpoints = new ArrayList<>();
    endpoints.add(Endpoint.of(settings.url(), true));
    for (URI mirror : settings.mirrors()) {
      endpoints.add(Endpoint.of(mirror, false));
    }
    return endpoints;
  }

  private static String name(RepositoryName repository, Reference reference) {
    return repository + (reference instanceof Digest ? "@" : ":") + reference;
  }
}
