package dev.breakwater.upstream;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that is asked what it gives to anonymous users. */
@org.junit.jupiter.api.Tag("slow")
class AnonymousUpstreamTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final TestImage image = TestImage.docker().layer(1000).build();
  private FaultyRegistry upstream;
  private UpstreamClient client;

  @TempDir Path directory;

  private void start(FaultyRegistryBuilder builder) {
    upstream = builder.account("alice", "pw").start().put(NGINX.value(), TAG.value(), image);
  }

  private UpstreamClient.Builder known() {
    return UpstreamClient.of(upstream).account("alice", "pw");
  }

  private void head() {
    assertThat(await(client.registry().headManifest(NGINX, TAG)).digest())
        .isEqualTo(image.digest());
  }

  private void assertRefused(UpstreamOutcome outcome) {
    assertThatThrownBy(this::head)
        .isInstanceOfSatisfying(
            UpstreamException.class, e -> assertThat(e.outcome()).isEqualTo(outcome));
  }

  @AfterEach
  void close() {
    client.close();
    upstream.close();
  }

  @Test
  void itIsSentNoLogin() {
    start(FaultyRegistry.builder().bearer());
    client = known().buildAnonymous();
    head();
    assertThat(upstream.credentialsSeenBy(Listener.AUTH)).isEmpty();
    assertThat(upstream.credentialsSeenBy(Listener.REGISTRY))
        .allSatisfy(sent -> assertThat(sent).endsWith("-of-anonymous"));
  }

  @Test
  void itIsShownNoCertificate() {
    start(FaultyRegistry.builder().tls(TlsVariant.VALID).demandCertificates());
    FaultyRegistry.writeClientPair(directory, "us");
    UpstreamClient.Builder known =
        UpstreamClient.of(upstream)
            .ca(upstream.caCertificate())
            .certificate(directory.resolve("us.crt"), directory.resolve("us.key"));
    assertThat(known.settings().hasCredentials()).isTrue();
    assertThat(known.settings().anonymous().hasCredentials()).isFalse();
    client = known.buildAnonymous();
    assertThatThrownBy(this::head).isInstanceOf(UpstreamException.class);
    assertThat(upstream.clientCertificatesSeenBy(Listener.REGISTRY)).isEmpty();
  }

  @Test
  void eachQuestionHasANewTokenSoThatARevocationShowsAtOnce() {
    start(FaultyRegistry.builder().bearer());
    client = known().buildAnonymous();
    head();
    head();
    upstream.makePrivate(NGINX.value(), "alice");
    assertRefused(UpstreamOutcome.UNAUTHORIZED);
    upstream.makePublic(NGINX.value());
    head();
    assertThat(upstream.count(manifest())).isEqualTo(3);
  }

  @Test
  void elsewhereTokensAreKept() {
    start(FaultyRegistry.builder().bearer());
    client = UpstreamClient.of(upstream).build();
    head();
    upstream.makePrivate(NGINX.value(), "alice");
    head();
  }

  @Test
  void registryThatHidesPrivateRepositoriesSaysThatThereIsNone() {
    start(
        FaultyRegistry.builder().bearer().hidePrivate().privateRepository(NGINX.value(), "alice"));
    client = known().buildAnonymous();
    assertRefused(UpstreamOutcome.NOT_FOUND);
  }
}
