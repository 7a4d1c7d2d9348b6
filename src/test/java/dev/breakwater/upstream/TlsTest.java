package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@org.junit.jupiter.api.Tag("slow")
class TlsTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String UNKNOWN_AUTHORITY =
      "its certificate is signed by an unknown authority; to trust it, name the authority's PEM"
          + " file in upstreams.NAME.ca";
  private static final String SECRET = "c4nary-s3cret";

  private final TestImage image = TestImage.docker().layer(200_000).build();

  private FaultyRegistry start(TlsVariant variant) {
    return FaultyRegistry.builder()
        .bearer()
        .redirectBlobs()
        .account("alice", SECRET)
        .tls(variant)
        .start()
        .put(NGINX.value(), TAG.value(), image);
  }

  @ParameterizedTest
  @EnumSource(names = "VALID", mode = EnumSource.Mode.EXCLUDE)
  void badCertificateIsRefusedBeforeAnythingIsSaid(TlsVariant variant) {
    try (FaultyRegistry upstream = start(variant);
        UpstreamClient client = UpstreamClient.of(upstream).ca(upstream.caCertificate()).build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).as(failure.getMessage()).isEqualTo(UpstreamOutcome.TLS);
      assertThat(failure)
          .hasMessageEndingWith(
              "TLS failed: "
                  + switch (variant) {
                    case EXPIRED -> "its certificate has expired";
                    case WRONG_HOST -> "its certificate is for another host name";
                    default -> UNKNOWN_AUTHORITY;
                  });
      assertThat(client.counted(ContentKind.MANIFEST, UpstreamOutcome.TLS)).isEqualTo(1);
      assertThat(upstream.requests()).isEmpty();
    }
  }

  @Test
  void unknownAuthorityIsRefused() {
    try (FaultyRegistry upstream = start(TlsVariant.VALID);
        UpstreamClient client = UpstreamClient.of(upstream).build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.TLS);
      assertThat(failure).hasMessageEndingWith(UNKNOWN_AUTHORITY);
    }
  }

  @Test
  void plainServerBehindHttpsIsATlsFailure() {
    try (FaultyRegistry plain = FaultyRegistry.start();
        UpstreamClient client = UpstreamClient.of(plain.url().replace("http:", "https:")).build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.TLS);
      assertThat(failure)
          .hasMessageEndingWith("it does not speak TLS; for plain HTTP write http:// in its url");
    }
  }

  @Test
  void configuredAuthorityIsTrustedByAddressAndByName() {
    try (FaultyRegistry upstream = start(TlsVariant.VALID)) {
      for (String url :
          new String[] {upstream.url(), upstream.url().replace("127.0.0.1", "localhost")}) {
        try (UpstreamClient client =
            UpstreamClient.of(url)
                .realm(URI.create(upstream.authUrl()).getAuthority())
                .account("alice", SECRET)
                .ca(upstream.caCertificate())
                .build()) {
          assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
              .isEqualTo(image.digest());
          assertThat(await(client.download(image.layer(0).digest(), 0))).hasSize(200_000);
        }
      }
      assertThat(upstream.credentialsSeenBy(Listener.CDN)).isEmpty();
    }
  }

  @Test
  void redirectFromHttpsToHttpIsNotFollowed() {
    try (FaultyRegistry upstream = start(TlsVariant.VALID);
        FaultyRegistry plain = FaultyRegistry.start();
        UpstreamClient client = UpstreamClient.of(upstream).ca(upstream.caCertificate()).build()) {
      upstream
          .on(blob().on(Listener.REGISTRY))
          .then(redirectTo(plain.url() + "/blob?signature=" + SECRET));
      UpstreamException failure = failureOf(client.download(image.layer(0).digest(), 0));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
      assertThat(failure)
          .hasMessageContaining("from https to http")
          .hasMessageNotContaining(SECRET);
      assertThat(plain.requests()).isEmpty();
    }
  }

  @Test
  void unreadableAuthorityFileIsNamed(@TempDir Path directory) throws Exception {
    Path file = Files.writeString(directory.resolve("ca.pem"), "no certificate");
    assertThatThrownBy(() -> UpstreamClient.of("https://registry.test").ca(file).build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(file.toString());
    assertThatThrownBy(
            () ->
                UpstreamClient.of("https://registry.test")
                    .ca(directory.resolve("missing.pem"))
                    .build())
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("missing.pem");
  }
}
