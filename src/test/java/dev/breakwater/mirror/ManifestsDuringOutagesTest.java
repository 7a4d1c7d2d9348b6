package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.Provenance;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Promise;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What is cached is served while upstream is down, slow or out of quota; the rest fails soon. */
class ManifestsDuringOutagesTest extends ManifestPulls {
  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"CONNECT", "TLS", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED", "INVALID"})
  void aFailingUpstreamIsAnsweredForFromTheCache(UpstreamOutcome outcome) {
    get(LATEST);
    mirror.clock.turn(Duration.ofDays(1));
    mirror.hub.breakWith(outcome);
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance().result()).isEqualTo(CacheResult.STALE);
    assertThat(served.provenance().detail()).isEqualTo("upstream-" + outcome.label());
    assertThat(stat(LATEST).provenance().result()).isEqualTo(CacheResult.STALE);
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"CONNECT", "TLS", "TIMEOUT", "SERVER_ERROR", "RATE_LIMITED", "INVALID"})
  void whatIsNotCachedIsUnavailableWhileUpstreamFails(UpstreamOutcome outcome) {
    mirror.hub.breakWith(outcome);
    assertError(() -> get(LATEST), ErrorCode.UNAVAILABLE, "scripted " + outcome.label());
    assertThatThrownBy(() -> get(FIRST.digest()))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.retryAfter()).isPresent());
  }

  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"UNAUTHORIZED", "DENIED"})
  void aDefiniteNoIsNeverAnsweredFromTheCache(UpstreamOutcome outcome) {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.breakWith(outcome);
    assertError(() -> get(LATEST), ErrorCode.MANIFEST_UNKNOWN, "scripted " + outcome.label());
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    mirror.clock.turn(Duration.ofSeconds(60));
    assertError(() -> get(LATEST), ErrorCode.UNAVAILABLE, "scripted connect");
  }

  @Test
  void aSilentUpstreamIsNotWaitedForLongerThanIsUsual() {
    get(LATEST);
    mirror.clock.turn(Duration.ofSeconds(60));
    Promise<Void> gate = Promise.promise();
    mirror.hub.held = gate.future();
    mirror.hub.health = UpstreamHealth.good(Duration.ofMillis(30));
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance()).isEqualTo(Provenance.stale("upstream-slow"));
    assertThat(stat(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-slow"));
    gate.complete();
    mirror.hub.health = UpstreamHealth.good(Duration.ofSeconds(20));
    get(LATEST);
    assertThat(get(LATEST).provenance().result()).isEqualTo(CacheResult.HIT);
    assertUpstreamCalls(2, 1);
  }

  @Test
  void anUpstreamInDoubtIsAskedInTheBackground() {
    get(LATEST);
    mirror.hub.put(LATEST, SECOND);
    mirror.clock.turn(Duration.ofSeconds(60));
    mirror.hub.health = UpstreamHealth.bad(true, UpstreamOutcome.TIMEOUT);
    Served<Manifest> served = get(LATEST);
    assertThat(served.value()).isEqualTo(FIRST);
    assertThat(served.provenance()).isEqualTo(Provenance.stale("upstream-timeout"));
    mirror.hub.health = UpstreamHealth.good(Duration.ofSeconds(20));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
    assertUpstreamCalls(2, 2);
  }

  @Test
  void anUpstreamThatIsSuspendedIsNotAskedForWhatIsCached() {
    get(LATEST);
    mirror.clock.turn(Duration.ofDays(1));
    mirror.hub.health = UpstreamHealth.bad(false, UpstreamOutcome.CONNECT);
    assertThat(get(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-connect"));
    assertThat(stat(LATEST).provenance()).isEqualTo(Provenance.stale("upstream-connect"));
    assertUpstreamCalls(1, 1);
  }

  @Test
  void twoSlowStepsAreNotWaitedForLongerThanAClientWaits() throws Exception {
    MirrorFixture impatient =
        new MirrorFixture(
            data.resolve("impatient"),
            new PullThrough.Policy(Duration.ofMillis(30), true),
            MINUTE,
            Duration.ZERO);
    try {
      impatient.hub.put(LATEST, FIRST);
      impatient.hub.held = Promise.<Void>promise().future();
      assertError(
          () -> await(impatient.onLoop(() -> impatient.nginx().manifests().get(LATEST))),
          ErrorCode.UNAVAILABLE,
          "takes longer than a client waits");
      assertError(
          () ->
              await(
                  impatient.onLoop(() -> impatient.nginx().blobs().open(LAYER, Optional.empty()))),
          ErrorCode.BLOB_UNKNOWN,
          "takes longer than a client waits");
    } finally {
      impatient.close();
    }
  }
}
