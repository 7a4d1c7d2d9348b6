package dev.breakwater.upstream;

import static dev.breakwater.testing.Faults.redirectTo;
import static dev.breakwater.testing.RequestMatcher.any;
import static dev.breakwater.testing.RequestMatcher.blob;
import static dev.breakwater.testing.RequestMatcher.manifest;
import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.TestImage;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Where answers of registries lead us, as connections are really made: by names of which the test
 * says what they resolve to, at each look-up.
 */
class RedirectGuardTest {
  private static final Tag TAG = Tag.parse("1.27");
  private static final String REGISTRY = "registry.test";
  private static final String LURE = "lure.test";

  /** This machine first, so that it is connected to, and an address of the internet. */
  private static final List<String> PUBLIC = List.of("127.0.0.1", "8.8.8.8");

  private final TestImage image = TestImage.docker().layer(30_000).build();
  private final Digest digest = image.layer(0).digest();
  private final FaultyRegistry upstream =
      FaultyRegistry.start().put(NGINX.value(), TAG.value(), image);

  /** What only this machine is to reach. */
  private final FaultyRegistry victim =
      FaultyRegistry.start().put("team/other", TAG.value(), image);

  private final Map<String, List<List<String>>> answers = new ConcurrentHashMap<>();
  private final List<String> lookups = new CopyOnWriteArrayList<>();
  private UpstreamClient client;

  @AfterEach
  void close() {
    client.close();
    victim.close();
    upstream.close();
  }

  /** What each look-up of that name answers. */
  private void resolve(String name, List<String> always) {
    resolve(name, always, always);
  }

  /** What the first look-up of that name answers, and all later ones. */
  private void resolve(String name, List<String> first, List<String> later) {
    answers.put(name, List.of(first, later));
  }

  private List<InetAddress> lookup(String host) throws UnknownHostException {
    long before = lookups.stream().filter(host::equals).count();
    lookups.add(host);
    List<List<String>> known = answers.get(host);
    if (known == null) {
      return List.of(InetAddress.getByName(host));
    }
    return known.get((int) Math.min(before, known.size() - 1L)).stream()
        .map(InetAddress::ofLiteral)
        .toList();
  }

  private static int port(String url) {
    return URI.create(url).getPort();
  }

  private void start() {
    client = at(upstream).build();
  }

  private UpstreamClient.Builder at(FaultyRegistry registry) {
    return UpstreamClient.of("http://" + REGISTRY + ":" + port(registry.url()))
        .lookup(this::lookup);
  }

  private String lure(String path) {
    return "http://" + LURE + ":" + port(victim.url()) + path;
  }

  private String blobOfTheVictim() {
    return "/v2/team/other/blobs/" + digest;
  }

  private void assertNothingReachedTheVictim() {
    assertThat(victim.connections(Listener.REGISTRY)).isZero();
    assertThat(victim.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "64:ff9b::127.0.0.1",
        "64:ff9b:1::127.0.0.1",
        "2002:7f00:1::",
        "169.254.169.254",
        "fe80::1",
        "fd00::1",
        "10.0.0.1",
        "100.64.0.1",
        "0.0.0.0"
      })
  void publicRegistryLeadsToNoPrivateAddressOfAName(String address) {
    resolve(REGISTRY, PUBLIC);
    // One address among others is enough: the connection could go to it.
    resolve(LURE, List.of("9.9.9.9", address));
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(lure(blobOfTheVictim())));
    start();
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
    assertThat(failure).hasMessageContaining("more private than the registry's own");
    assertNothingReachedTheVictim();
  }

  @Test
  void tokenServerIsCheckedAsRedirectsAre() {
    try (FaultyRegistry asking =
        FaultyRegistry.builder()
            .bearer()
            .account("alice", "c4nary-s3cret")
            .realm(lure("/token"))
            .start()
            .put(NGINX.value(), TAG.value(), image)) {
      resolve(REGISTRY, PUBLIC);
      resolve(LURE, List.of("127.0.0.1"));
      client =
          at(asking)
              .account("alice", "c4nary-s3cret")
              .realm(LURE + ":" + port(victim.url()))
              .build();
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID);
      assertNothingReachedTheVictim();
    }
  }

  @Test
  void addressThatWasCheckedIsTheOneConnectedToHoweverTheNameResolvesAfterwards() {
    resolve(REGISTRY, List.of("127.0.0.1"));
    resolve(LURE, List.of("127.0.0.1"), List.of("169.254.169.254"));
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(lure(blobOfTheVictim())));
    start();
    assertThat(await(client.download(digest, 0))).isEqualTo(image.layer(0).bytes());
    assertThat(lookups.stream().filter(LURE::equals)).as("one look-up for the check").hasSize(1);

    client.skip(NameCache.FRESH);
    int before = victim.requests().size();
    UpstreamException failure = failureOf(client.download(digest, 0));
    assertThat(failure.outcome()).as("checked anew").isEqualTo(UpstreamOutcome.INVALID);
    assertThat(victim.requests()).as("by no open connection either").hasSize(before);
  }

  @Test
  void registryThatBecomesPrivateIsNotTrustedMoreForThat() {
    resolve(REGISTRY, PUBLIC, List.of("127.0.0.1"));
    resolve(LURE, List.of("127.0.0.1"));
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(lure(blobOfTheVictim())));
    start();
    for (int i = 0; i < 2; i++) {
      assertThat(failureOf(client.download(digest, 0)).outcome())
          .isEqualTo(UpstreamOutcome.INVALID);
      client.skip(NameCache.FRESH);
    }
    assertThat(lookups.stream().filter(REGISTRY::equals).count()).isGreaterThan(1);
    assertNothingReachedTheVictim();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "//registry.test:PORT", "http://registry.test:PORT"})
  void redirectWithinTheRegistryIsFollowedHoweverItIsWritten(String start) {
    resolve(REGISTRY, List.of("127.0.0.1"));
    upstream.put("other/place", TAG.value(), image);
    String base = start.replace("PORT", String.valueOf(port(upstream.url())));
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(redirectTo(base + "/v2/other/place/manifests/" + TAG));
    upstream
        .on(blob().on(Listener.REGISTRY))
        .once()
        .then(redirectTo(base + "/v2/other/place/blobs/" + digest));
    start();
    assertPulls();
  }

  @Test
  void redirectRelativeToThePathIsFollowed() {
    resolve(REGISTRY, List.of("127.0.0.1"));
    upstream.on(manifest(NGINX.value(), TAG.value())).then(redirectTo("./" + image.digest()));
    start();
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
  }

  @Test
  void redirectToThePathOfAnotherRegistryIsFollowed() {
    resolve(REGISTRY, List.of("127.0.0.1"));
    resolve(LURE, List.of("127.0.0.1"));
    upstream
        .on(manifest(NGINX.value(), TAG.value()))
        .then(redirectTo(lure("/v2/team/other/manifests/" + TAG)));
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(lure(blobOfTheVictim())));
    start();
    assertPulls();
    assertThat(victim.requests(any())).isNotEmpty();
  }

  @Test
  void everyAddressOfARedirectTargetIsTried() {
    resolve(REGISTRY, List.of("127.0.0.1"));
    // Nothing listens at the first three.
    resolve(LURE, List.of("::1", "127.0.0.77", "127.0.0.78", "127.0.0.1"));
    upstream.on(blob().on(Listener.REGISTRY)).then(redirectTo(lure(blobOfTheVictim())));
    start();
    assertThat(await(client.download(digest, 0))).isEqualTo(image.layer(0).bytes());
  }

  private void assertPulls() {
    assertThat(await(client.registry().getManifest(NGINX, TAG)).digest()).isEqualTo(image.digest());
    assertThat(await(client.download(digest, 0))).isEqualTo(image.layer(0).bytes());
  }
}
