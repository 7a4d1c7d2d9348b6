package dev.breakwater.upstream;

import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Seconds;
import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells log and metrics of the accounts of one registry. Thread-safe.
 *
 * @param zone the registry
 * @param metrics empty for a mirror of it, which has no account
 */
record QuotaReporter(ZoneName zone, Optional<Metrics> metrics) {
  private static final Logger LOG = LoggerFactory.getLogger(QuotaReporter.class);

  /** An account is not used for so long. */
  void suspended(Account account, Duration time, String what, String why) {
    LOG.warn(
        "[{}] account {} is suspended for {} s, its login {}: {}",
        zone,
        account,
        time.toSeconds(),
        what,
        why);
  }

  /** The pulls of an account may have run out or come back. */
  void news(Account account) {
    switch (account.quota().news()) {
      case PAUSED ->
          LOG.warn(
              "[{}] the pulls of {} are used up{}: cached content is served; the next pull is tried"
                  + " in {} s",
              zone,
              account,
              account
                  .quota()
                  .current()
                  .map(reading -> " (" + reading.remaining() + " of " + reading.limit() + " left)")
                  .orElse(""),
              Seconds.roundedUp(account.quota().exhaustedFor()));
      case RESUMED -> LOG.info("[{}] {} has pulls left again", zone, account);
      case NONE -> {}
    }
  }

  /** The registry has said what is left to an account. */
  void told(Account account) {
    metrics.ifPresent(
        meters ->
            account
                .quota()
                .current()
                .ifPresent(
                    reading ->
                        meters
                            .quota()
                            .told(
                                zone.value(),
                                account.name(),
                                reading.limit(),
                                reading.remaining(),
                                reading.window().toSeconds(),
                                account.quota().secondsLeft())));
  }
}
