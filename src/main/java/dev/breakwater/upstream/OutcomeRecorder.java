package dev.breakwater.upstream;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.ZoneName;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Counts what was asked of one registry and how it ended, and logs failures at debug: the access
 * line of the client's request says why it failed, and what changes the registry's state is warned
 * of where the state is, by {@link Breakers} and {@link QuotaGovernor}. Thread-safe.
 */
final class OutcomeRecorder {
  private static final Logger LOG = LoggerFactory.getLogger(OutcomeRecorder.class);

  private final String zone;
  private final Metrics metrics;
  private final Environment environment;

  OutcomeRecorder(ZoneName zone, Metrics metrics, Environment environment) {
    this.zone = zone.value();
    this.metrics = metrics;
    this.environment = environment;
  }

  /** The head of the answer to a call is there. */
  void answered(Call call) {
    metrics.upstreamAnswered(zone, call.kind(), call.deadline().elapsed().toNanos() / 1e9);
  }

  /** Body bytes came in. */
  void fetched(ContentKind kind, long bytes) {
    metrics.fetched(zone, kind, bytes);
  }

  /** A call ended well. */
  void succeeded(Call call) {
    ended(call, UpstreamOutcome.OK);
  }

  /** A call ended well: what is known is still so. */
  void confirmed(Call call) {
    ended(call, UpstreamOutcome.NOT_MODIFIED);
  }

  /** A call ended otherwise. */
  void failed(Call call, UpstreamException failure) {
    if (!failure.wasAsked()) {
      metrics.upstreamAvoided(zone, call.kind(), failure.outcome().label());
      return;
    }
    ended(call, failure.outcome());
    if (failure.outcome() == UpstreamOutcome.DIGEST_MISMATCH) {
      metrics.digestMismatch(zone);
    }
    LOG.debug("[{}] {}", failure.outcome().label(), failure.getMessage());
  }

  private void ended(Call call, UpstreamOutcome outcome) {
    metrics.upstreamRequestEnded(zone, call.kind(), outcome.label());
    if (outcome != UpstreamOutcome.CANCELLED) {
      double now = environment.wall().instant().toEpochMilli() / 1e3;
      metrics.upstreamHealth(zone, !outcome.isUnavailable(), now);
    }
  }
}
