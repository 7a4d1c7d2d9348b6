package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.*;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.token;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TlsVariant;
import java.time.Duration;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Redirects to nowhere good, and answers meant to fill our memory. */
@Tag("slow")
class HostileUpstreamTest extends UpstreamFaults {
  private static final int MIB = 1024 * 1024;

  private static RequestMatcher manifests() {
    return RequestMatcher.manifest();
  }

  private void assertBothRefusedAsInvalid() {
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    assertThat(mirror.upstreamRequests("manifest", "invalid")).isEqualTo(1);
    assertThat(mirror.upstreamRequests("blob", "invalid")).isEqualTo(1);
    assertNothingKept();
  }

  @Test
  void redirectLoopIsLeftAfterFiveHops() throws Exception {
    start(FaultyRegistry.builder());
    upstream.on(any()).then(redirectLoop());
    assertBothRefusedAsInvalid();
    assertThat(upstream.count(manifests())).isEqualTo(6);
    assertThat(upstream.count(blob())).isEqualTo(6);
  }

  @Test
  void fiveRedirectsAreFollowed() throws Exception {
    start(FaultyRegistry.builder());
    upstream.on(blob()).times(5).then(redirectLoop());
    assertRight(fetch(layer), layer);
  }

  @Test
  void redirectFromHttpsToHttpIsNotFollowed() throws Exception {
    try (FaultyRegistry plain = FaultyRegistry.start().put(NGINX, TAG, image)) {
      start(
          FaultyRegistry.builder().tls(TlsVariant.VALID),
          mirror ->
              mirror.set("BREAKWATER_UPSTREAMS_DOCKER_IO_CA", upstream.caCertificate().toString()));
      upstream.on(manifests()).then(redirectTo(plain.url() + "/v2/" + NGINX + "/manifests/" + TAG));
      upstream
          .on(blob())
          .then(redirectTo(plain.url() + "/v2/" + NGINX + "/blobs/" + layer.digest()));
      assertBothRefusedAsInvalid();
      assertThat(plain.requests()).isEmpty();
      upstream.heal();
      pull(image);
    }
  }

  /** An upstream on loopback may lead to this machine, but none may lead to the metadata of it. */
  @Test
  void redirectToTheMetadataServiceOfACloudIsNotFollowed() throws Exception {
    start();
    upstream.on(manifests()).then(redirectTo("http://169.254.169.254/latest/meta-data"));
    upstream.on(blob()).then(redirectTo("http://[::ffff:169.254.169.254]/latest/meta-data"));
    assertBothRefusedAsInvalid();
  }

  @Test
  void realmOfAnotherHostGetsNothing() throws Exception {
    try (FaultyRegistry foreign = registry().start()) {
      start(
          registry().realm(foreign.authUrl() + "/token").account("owner", "secret"),
          mirror ->
              mirror
                  .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME", "owner")
                  .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_PASSWORD", "secret")
                  .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCESS", "anonymous"));
      assertBothRefusedAsInvalid();
      assertThat(foreign.connections(Listener.AUTH)).isZero();
    }
  }

  @Test
  void manifestOfMoreThanFourMebibytesIsRefused() throws Exception {
    start();
    upstream.on(manifests()).then(body(Content.generated(1, 5 * MIB)));
    assertUnavailable(manifest());
    assertUnavailable(client.manifest(NGINX, image.digest()));
    assertThat(mirror.upstreamRequests("manifest", "invalid")).isEqualTo(2);
    assertThat(mirror.metric("fetched_bytes_total", "kind=\"manifest\"")).isLessThan(MIB);
    upstream.heal();
    pull(image);
  }

  @Test
  void manifestWithoutEndIsCutOff() throws Exception {
    start();
    upstream.on(manifests().get()).then(endlessBody());
    assertUnavailable(manifest());
    upstream.awaitIdle(Duration.ofSeconds(30));
    assertThat(mirror.metric("fetched_bytes_total", "kind=\"manifest\"")).isLessThan(5 * MIB);
    upstream.heal();
    pull(image);
  }

  @Test
  void tokenWithoutEndIsCutOff() throws Exception {
    start();
    upstream.on(token()).then(endlessBody());
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    upstream.awaitIdle(Duration.ofSeconds(30));
    assertThat(mirror.metric("fetched_bytes_total", "kind=\"token\"")).isLessThan(MIB);
    upstream.heal();
    pull(image);
  }

  @Test
  void errorBodyWithoutEndIsCutOff() throws Exception {
    start();
    upstream.on(manifests().head()).then(status(405));
    upstream.on(manifests().get()).then(status(404), endlessBody());
    assertManifestUnknown(manifest());
    upstream.awaitIdle(Duration.ofSeconds(30));
    assertThat(mirror.metric("fetched_bytes_total", "kind=\"manifest\"")).isLessThan(MIB);
  }

  @Test
  void headersWithoutEndAreRefused() throws Exception {
    start();
    upstream.on(any()).then(header("X-Bomb", "x".repeat(MIB)));
    assertBothRefusedAsInvalid();
    upstream.heal();
    pull(image);
  }

  @Test
  void answerThatIsNoHttpIsRefused() throws Exception {
    start();
    upstream.on(any()).then(rawAnswer("SSH-2.0-OpenSSH_9.9\r\n\r\n"));
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    assertNothingKept();
    upstream.heal();
    pull(image);
  }
}
