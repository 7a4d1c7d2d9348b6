package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.stallBeforeHead;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TlsVariant;
import java.net.URI;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** No name, no connection, no trust, no answer. */
@Tag("slow")
class UnreachableUpstreamTest extends UpstreamFaults {
  /** A label has at most 63 characters: resolvers refuse this one without asking anybody. */
  private static final String NO_NAME =
      "http://aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.invalid";

  private static final String REFUSES = "http://127.0.0.1:1";

  /** No route leads to the broadcast address. */
  private static final String NO_ROUTE = "http://255.255.255.255";

  @ParameterizedTest
  @ValueSource(strings = {NO_NAME, REFUSES, NO_ROUTE})
  void registryThatCannotBeReachedMakesManifestsUnavailableAndBlobsUnknown(String url)
      throws Exception {
    mirrorOf(RunningMirror.of(url, data));
    assertUnavailable(manifest());
    assertUnavailable(client.manifest(NGINX, image.digest()));
    assertBlobUnknown(fetch(layer));
    assertThat(mirror.upstreamRequests("manifest", "connect")).isEqualTo(2);
    assertThat(mirror.upstreamRequests("blob", "connect")).isEqualTo(1);
    assertThat(mirror.metric("upstream_up", "upstream=\"docker.io\"")).isZero();
    assertNothingKept();
  }

  @Test
  void whatIsCachedIsServedWhileUpstreamIsDown() throws Exception {
    start();
    pull(image);
    upstream.goDown();
    assertStale(manifest(), image.manifest());
    assertRight(client.manifest(NGINX, image.digest()), image.manifest());
    assertThat(client.manifestHead(NGINX, TAG).status()).isEqualTo(200);
    assertRight(fetch(layer), layer);
    assertRight(fetch(image.config()), image.config());
  }

  @Test
  void mirrorStartsWhileUpstreamIsDownAndPullsOnceItIsBack() throws Exception {
    upstream = registry().start().put(NGINX, TAG, image);
    upstream.goDown();
    mirrorOf(RunningMirror.of(upstream, data));
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    upstream.comeBack();
    pull(image);
    assertThat(mirror.metric("upstream_up", "upstream=\"docker.io\"")).isEqualTo(1);
  }

  @ParameterizedTest
  @EnumSource(
      value = TlsVariant.class,
      names = {"WRONG_HOST", "SELF_SIGNED", "EXPIRED"})
  void registryWhoseCertificateIsBadIsNotAskedAtAll(TlsVariant variant) throws Exception {
    start(registry().tls(variant), this::trusting);
    assertUnavailable(manifest());
    assertBlobUnknown(fetch(layer));
    assertThat(mirror.upstreamRequests("manifest", "tls")).isEqualTo(1);
    assertThat(mirror.upstreamRequests("blob", "tls")).isEqualTo(1);
    assertThat(upstream.count(RequestMatcher.any().path("/v2/"))).isZero();
    assertThat(upstream.count(RequestMatcher.manifest())).isZero();
    assertNothingKept();
  }

  @Test
  void certificateThatGoesBadEndsInStaleAnswers() throws Exception {
    start(registry().tls(TlsVariant.VALID), this::trusting);
    pull(image);
    upstream.close();
    upstream =
        registry()
            .tls(TlsVariant.EXPIRED)
            .port(URI.create(upstream.url()).getPort())
            .start()
            .put(NGINX, TAG, image);
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }

  private RunningMirror.Builder trusting(RunningMirror.Builder builder) {
    return builder.set("BREAKWATER_UPSTREAMS_DOCKER_IO_CA", upstream.caCertificate().toString());
  }

  private void startImpatient() throws Exception {
    start(registry(), mirror -> mirror.limits(IMPATIENT));
  }

  @Test
  void silentRegistryMakesManifestsUnavailable() throws Exception {
    startImpatient();
    upstream.on(RequestMatcher.manifest()).then(stallBeforeHead());
    assertUnavailable(manifest());
    assertThat(mirror.upstreamRequests("manifest", "timeout")).isEqualTo(1);
    upstream.heal();
    pull(image);
  }

  @Test
  void silentTokenServerMakesManifestsUnavailable() throws Exception {
    startImpatient();
    upstream.on(RequestMatcher.token()).then(stallBeforeHead());
    assertUnavailable(manifest());
    upstream.heal();
    pull(image);
  }

  @Test
  void silentCdnMakesBlobsUnknown() throws Exception {
    startImpatient();
    assertRight(manifest(), image.manifest());
    upstream.on(RequestMatcher.blob().on(Listener.CDN)).then(stallBeforeHead());
    assertBlobUnknown(fetch(layer));
    assertThat(mirror.upstreamRequests("blob", "timeout")).isEqualTo(1);
    upstream.heal();
    pull(image);
  }

  @Test
  void silentRegistryEndsInStaleAnswers() throws Exception {
    startImpatient();
    pull(image);
    upstream.on(RequestMatcher.any()).then(stallBeforeHead());
    assertStale(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }

  @Test
  void registryOfAnotherNameIsStillThereWhenDockerHubIsNot() throws Exception {
    try (FaultyRegistry other = FaultyRegistry.start().put("team/app", "1", image)) {
      mirrorOf(
          RunningMirror.of(REFUSES, data).set("BREAKWATER_UPSTREAMS_GHCR_IO_URL", other.url()));
      assertUnavailable(manifest());
      assertRight(client.manifest("ghcr.io/team/app", "1"), image.manifest());
      assertThat(mirror.metric("upstream_up", "upstream=\"docker.io\"")).isZero();
      assertThat(mirror.metric("upstream_up", "upstream=\"ghcr.io\"")).isEqualTo(1);
      assertThat(mirror.metrics().lines().filter(line -> line.contains("upstream_up{")))
          .as("nothing is said of registries that were not asked")
          .hasSize(2);
    }
  }
}
