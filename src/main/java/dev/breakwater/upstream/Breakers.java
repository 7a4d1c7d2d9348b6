package dev.breakwater.upstream;

import dev.breakwater.admin.api.UpstreamInfo.BreakerInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The breakers of one registry: one for each of its endpoints and kinds of request, since a dead
 * CDN says nothing about manifests, nor a dead mirror about the registry. Logs a line when one
 * opens or closes, and keeps the gauge. Thread-safe.
 */
final class Breakers {
  private static final Logger LOG = LoggerFactory.getLogger(Breakers.class);

  /** What registries are asked for; tokens are part of that. */
  private static final List<ContentKind> KINDS =
      List.of(ContentKind.MANIFEST, ContentKind.BLOB, ContentKind.TAGS, ContentKind.REFERRERS);

  private final ZoneName zone;
  private final Metrics metrics;
  private final Map<ContentKind, Map<Endpoint, CircuitBreaker>> breakers =
      new EnumMap<>(ContentKind.class);

  Breakers(ZoneName zone, List<Endpoint> endpoints, Metrics metrics, Environment environment) {
    this.zone = zone;
    this.metrics = metrics;
    for (ContentKind kind : KINDS) {
      Map<Endpoint, CircuitBreaker> ofKind = new LinkedHashMap<>();
      for (Endpoint endpoint : endpoints) {
        ofKind.put(
            endpoint,
            new CircuitBreaker(
                environment.nanos(), environment.random(), new Watch(kind, endpoint)));
      }
      breakers.put(kind, ofKind);
    }
  }

  CircuitBreaker of(Endpoint endpoint, ContentKind kind) {
    return Objects.requireNonNull(ofKind(kind).get(endpoint), "an endpoint of another registry");
  }

  private Map<Endpoint, CircuitBreaker> ofKind(ContentKind kind) {
    return Objects.requireNonNull(breakers.get(kind));
  }

  /** Why nothing of that kind can be had at the moment, if no endpoint is known to be well. */
  Optional<UpstreamHealth> trouble(ContentKind kind) {
    boolean mayAsk = false;
    Optional<UpstreamException> cause = Optional.empty();
    for (CircuitBreaker breaker : ofKind(kind).values()) {
      Optional<UpstreamException> why = breaker.cause();
      if (why.isEmpty()) {
        return Optional.empty();
      }
      mayAsk |= breaker.wouldAdmit();
      cause = cause.or(() -> why);
    }
    boolean probe = mayAsk;
    return cause.map(why -> UpstreamHealth.bad(probe, why.outcome()));
  }

  /** How each kind of request stands, in lower-case words. */
  BreakerInfo states() {
    return new BreakerInfo(
        word(ContentKind.MANIFEST),
        word(ContentKind.BLOB),
        word(ContentKind.TAGS),
        word(ContentKind.REFERRERS));
  }

  private String word(ContentKind kind) {
    return best(kind).name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private CircuitBreaker.State best(ContentKind kind) {
    CircuitBreaker.State best = CircuitBreaker.State.OPEN;
    for (CircuitBreaker breaker : ofKind(kind).values()) {
      CircuitBreaker.State state = breaker.state();
      best = state.level() < best.level() ? state : best;
    }
    return best;
  }

  /** The failure of an attempt that is not made. */
  static UpstreamException refusal(Attempt attempt, CircuitBreaker breaker) {
    Optional<UpstreamException> cause = breaker.cause();
    String reason =
        "not asked, because it has not answered for "
            + Math.max(1, breaker.openFor().toSeconds())
            + " s"
            + cause.map(why -> " (" + why.getMessage() + ")").orElse("");
    return attempt.unasked(
        cause.map(UpstreamException::outcome).orElse(UpstreamOutcome.CONNECT),
        FailureCause.BREAKER_OPEN,
        reason,
        breaker.untilProbe());
  }

  private void gauge(ContentKind kind) {
    metrics.upstreamBreaker(zone.value(), kind, best(kind).level());
  }

  private final class Watch implements CircuitBreaker.Observer {
    private final ContentKind kind;
    private final Endpoint endpoint;

    Watch(ContentKind kind, Endpoint endpoint) {
      this.kind = kind;
      this.endpoint = endpoint;
    }

    @Override
    public void opened(CircuitBreaker breaker, UpstreamException cause) {
      LOG.warn(
          "[{}] {} is down for {} requests; retrying every {} s, serving from cache: {}",
          zone,
          endpoint.origin().authority(),
          kind.label(),
          CircuitBreaker.LONGEST_WAIT.toSeconds(),
          cause.getMessage());
      gauge(kind);
    }

    @Override
    public void closed(CircuitBreaker breaker, Duration outage) {
      LOG.info(
          "[{}] {} is up again for {} requests, after {} s",
          zone,
          endpoint.origin().authority(),
          kind.label(),
          outage.toSeconds());
      gauge(kind);
    }

    @Override
    public void probing(CircuitBreaker breaker) {
      gauge(kind);
    }
  }
}
