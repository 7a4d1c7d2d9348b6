package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries that know us by a certificate. */
@org.junit.jupiter.api.Tag("slow")
class ClientCertificateTest {
  private static final Tag TAG = Tag.parse("1.27");

  @TempDir static Path directory;

  private final TestImage image = TestImage.docker().layer(100_000).build();

  @BeforeAll
  static void makePairs() {
    FaultyRegistry.writeClientPair(directory, "one");
    FaultyRegistry.writeClientPair(directory, "two");
  }

  private static Path file(String name) {
    return directory.resolve(name);
  }

  private FaultyRegistry start() {
    return FaultyRegistry.builder()
        .bearer()
        .redirectBlobs()
        .tls(TlsVariant.VALID)
        .demandCertificates()
        .start()
        .put(NGINX.value(), TAG.value(), image);
  }

  private static UpstreamClient.Builder client(FaultyRegistry upstream) {
    return UpstreamClient.of(upstream).ca(upstream.caCertificate());
  }

  @Test
  void certificateIsShownToRegistryAndTokenServerAndNotToTheContentNetwork() {
    try (FaultyRegistry upstream = start();
        UpstreamClient client =
            client(upstream).certificate(file("one.crt"), file("one.key")).build()) {
      assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
          .isEqualTo(image.digest());
      assertThat(await(client.download(image.layer(0).digest(), 0))).hasSize(100_000);
      assertThat(upstream.clientCertificatesSeenBy(Listener.REGISTRY))
          .containsExactly("CN=faulty one");
      assertThat(upstream.clientCertificatesSeenBy(Listener.AUTH)).containsExactly("CN=faulty one");
      assertThat(upstream.connections(Listener.CDN)).isPositive();
      assertThat(upstream.clientCertificatesSeenBy(Listener.CDN)).isEmpty();
    }
  }

  @Test
  void certificateIsNotShownToAMirror() {
    try (FaultyRegistry upstream = start();
        FaultyRegistry mirror = start();
        UpstreamClient client =
            client(upstream)
                .mirror(mirror.url().replace("127.0.0.1", "localhost"))
                .certificate(file("one.crt"), file("one.key"))
                .build()) {
      upstream.goDown();
      failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(mirror.connections(Listener.REGISTRY)).isPositive();
      assertThat(mirror.clientCertificatesSeenBy(Listener.REGISTRY)).isEmpty();
    }
  }

  @Test
  void registryThatDemandsACertificateSaysSo() {
    try (FaultyRegistry upstream = start();
        UpstreamClient client = client(upstream).build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.TLS);
      assertThat(failure)
          .hasMessageEndingWith(
              "it demands a client certificate; name one in upstreams.NAME.clientCertificate and"
                  + " clientKey");
    }
  }

  @Test
  void changedPairIsUsedAndABrokenOneIsNot() throws Exception {
    Path certificate = Files.copy(file("one.crt"), file("used.crt"));
    Path key = Files.copy(file("one.key"), file("used.key"));
    Vertx vertx = Vertx.vertx();
    try (ClientIdentity identity =
            new ClientIdentity(
                vertx, UpstreamClient.ZONE, new ClientCertificate(certificate, key));
        CapturedLog log = CapturedLog.of(ClientIdentity.class)) {
      Files.copy(file("two.crt"), certificate, StandardCopyOption.REPLACE_EXISTING);
      identity.readIfChanged();
      assertThat(subject(identity)).isEqualTo("CN=faulty one");
      Files.copy(file("two.key"), key, StandardCopyOption.REPLACE_EXISTING);
      identity.readIfChanged();
      identity.readIfChanged();
      assertThat(subject(identity)).isEqualTo("CN=faulty two");
      assertThat(identity.getPrivateKey("client"))
          .isEqualTo(new ClientCertificate(file("two.crt"), file("two.key")).read(vertx).key());
      assertThat(log.lines())
          .containsExactly(
              "WARN [faulty.test] the client certificate has changed and cannot be used, the former"
                  + " one is used on: the client key \""
                  + key
                  + "\" is not the key of the first certificate in \""
                  + certificate
                  + "\"; name the key with which that certificate was requested",
              "INFO [faulty.test] new connections show the changed client certificate");
    } finally {
      await(vertx.close());
    }
  }

  private static String subject(ClientIdentity identity) {
    return identity.getCertificateChain("client")[0].getSubjectX500Principal().getName();
  }

  @Test
  void pairThatDoesNotBelongTogetherIsRefusedAtTheStart() {
    assertThat(failure(file("one.crt"), file("two.key")))
        .isEqualTo(
            "upstreams.faulty.test.clientCertificate: the client key \""
                + file("two.key")
                + "\" is not the key of the first certificate in \""
                + file("one.crt")
                + "\"; name the key with which that certificate was requested");
  }

  @Test
  void fileThatIsNoneOfBothIsNamedAndNotRepeated() throws Exception {
    Path nonsense = Files.writeString(file("nonsense.pem"), "c4nary-s3cret");
    Path broken =
        Files.writeString(
            file("broken.key"),
            "-----BEGIN PRIVATE KEY-----\nYzRuYXJ5LXMzY3JldA==\n-----END PRIVATE KEY-----\n");
    Path locked =
        Files.writeString(
            file("locked.key"),
            """
            -----BEGIN ENCRYPTED PRIVATE KEY-----
            YzRuYXJ5
            -----END ENCRYPTED PRIVATE KEY-----
            """);
    assertThat(failure(nonsense, file("one.key")))
        .contains("the client certificate \"" + nonsense + "\" has no certificate that can be read")
        .doesNotContain("c4nary");
    for (Path key : new Path[] {nonsense, broken}) {
      assertThat(failure(file("one.crt"), key))
          .contains("the client key \"" + key + "\" cannot be read; write a private key in PEM")
          .doesNotContain("c4nary", "YzRu");
    }
    assertThat(failure(file("one.crt"), locked))
        .contains("the client key \"" + locked + "\" has a passphrase; write it without one");
    assertThat(failure(file("missing.crt"), file("one.key")))
        .contains("the client certificate \"" + file("missing.crt") + "\" does not exist");
    assertThat(failure(file("one.crt"), file("missing.key")))
        .contains("the client key \"" + file("missing.key") + "\" does not exist");
  }

  private static String failure(Path certificate, Path key) {
    Throwable failure =
        catchThrowable(
            () -> UpstreamClient.of("https://a.test").certificate(certificate, key).build());
    assertThat(failure).isInstanceOf(IllegalArgumentException.class);
    return String.valueOf(failure.getMessage());
  }
}
