package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import java.net.InetAddress;
import java.net.URI;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@org.junit.jupiter.api.Tag("slow")
class ProxyTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final Vertx vertx = Vertx.vertx();
  private final NetClient dialler = vertx.createNetClient();
  private final HttpClient client = vertx.createHttpClient();
  private final List<String> forwarded = new CopyOnWriteArrayList<>();
  private final List<String> connects = new CopyOnWriteArrayList<>();
  private final List<String> logins = new CopyOnWriteArrayList<>();
  private final HttpServer proxy =
      await(vertx.createHttpServer().requestHandler(this::serve).listen(0, "127.0.0.1"));

  @AfterEach
  void close() {
    await(vertx.close());
  }

  /** Dials 127.0.0.1 whatever the name, which only the proxy can resolve. */
  private void serve(HttpServerRequest request) {
    logins.add(String.valueOf(request.getHeader("Proxy-Authorization")));
    if (!request.method().equals(HttpMethod.CONNECT)) {
      forward(request);
      return;
    }
    connects.add(request.authority().toString());
    request.pause();
    dialler
        .connect(request.authority().port(), "127.0.0.1")
        .onFailure(failure -> request.response().setStatusCode(502).end())
        .compose(
            far ->
                request
                    .toNetSocket()
                    .onSuccess(
                        near -> {
                          near.pipeTo(far);
                          far.pipeTo(near);
                        }));
  }

  private void forward(HttpServerRequest request) {
    URI target = URI.create(request.uri());
    forwarded.add(target.getAuthority());
    request.pause();
    client
        .request(request.method(), target.getPort(), "127.0.0.1", target.getRawPath())
        .compose(
            onward -> {
              request.headers().forEach(onward.headers()::add);
              onward.headers().remove("Proxy-Authorization");
              return onward.send();
            })
        .compose(
            answer -> {
              request.response().setStatusCode(answer.statusCode());
              request.response().headers().addAll(answer.headers());
              return answer.pipeTo(request.response());
            })
        .onFailure(failure -> request.response().setStatusCode(502).end());
  }

  private String proxyUrl(String login) {
    return "http://" + login + "127.0.0.1:" + proxy.actualPort();
  }

  private static String basic(String login) {
    return "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void plainHttpGoesThroughAProxyThatWantsALogin(boolean fromEnvironment) {
    TestImage image = TestImage.docker().layer(1000).build();
    String address = proxyUrl("me%40corp:p%3Aa%25+s@");
    try (FaultyRegistry upstream = FaultyRegistry.start().put(NGINX.value(), TAG.value(), image)) {
      // A name that only the proxy knows.
      UpstreamClient.Builder builder =
          UpstreamClient.of(upstream.url().replace("127.0.0.1", "registry.test"));
      try (UpstreamClient client =
          (fromEnvironment
                  ? builder.environment(Map.of("http_proxy", address))
                  : builder.proxy(address))
              .build()) {
        assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
            .isEqualTo(image.digest());
        assertThat(forwarded).isNotEmpty().allMatch(name -> name.startsWith("registry.test:"));
        assertThat(logins).isNotEmpty().containsOnly(basic("me@corp:p:a%+s"));
        assertThat(connects).isEmpty();
      }
      assertThat(upstream.requests())
          .noneMatch(request -> request.headers().toString().contains("Proxy-Authorization"));
    }
  }

  @Test
  void tlsGoesThroughTheProxyOfTheEnvironment() {
    TestImage image = TestImage.docker().layer(1000).build();
    try (FaultyRegistry upstream =
            FaultyRegistry.builder()
                .tls(TlsVariant.VALID)
                .start()
                .put(NGINX.value(), TAG.value(), image);
        UpstreamClient client =
            UpstreamClient.of(upstream.url().replace("127.0.0.1", "registry.test"))
                .ca(upstream.caCertificate())
                .environment(Map.of("HTTPS_PROXY", proxyUrl("me:a%2Fb@"), "HTTP_PROXY", "other:1"))
                .build()) {
      // The certificate is for another name: what matters is who was asked for it.
      client.registry().getManifest(NGINX, TAG).otherwiseEmpty().await();
      assertThat(connects).isNotEmpty().allMatch(name -> name.startsWith("registry.test:"));
      assertThat(logins).contains(basic("me:a/b"));
    }
  }

  @Test
  void hostsOfNoProxyAreReachedDirectlyHopByHop() {
    TestImage image = TestImage.docker().layer(1000).build();
    try (FaultyRegistry upstream =
        FaultyRegistry.likeDockerHub().start().put(NGINX.value(), TAG.value(), image)) {
      // The token server is on a loopback address, which no environment sends to a proxy.
      try (UpstreamClient client =
          UpstreamClient.of(upstream.url().replace("127.0.0.1", "registry.test"))
              .realm(URI.create(upstream.authUrl()).getAuthority())
              .environment(Map.of("HTTP_PROXY", proxyUrl(""), "NO_PROXY", "direct.test,.corp.test"))
              .lookup(host -> List.of(InetAddress.ofLiteral("127.0.0.1")))
              .build()) {
        UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
        assertThat(failure).hasMessageContaining("more private than the registry's own");
        assertThat(forwarded).isNotEmpty().allMatch(name -> name.startsWith("registry.test:"));
      }
      forwarded.clear();
      for (String host : List.of("direct.test", "mirror.corp.test", "127.0.0.1")) {
        try (UpstreamClient client =
            UpstreamClient.of(upstream.url().replace("127.0.0.1", host))
                .realm(URI.create(upstream.authUrl()).getAuthority())
                .environment(
                    Map.of("HTTP_PROXY", proxyUrl(""), "NO_PROXY", "direct.test,.corp.test"))
                .lookup(name -> List.of(InetAddress.ofLiteral("127.0.0.1")))
                .build()) {
          assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
              .isEqualTo(image.digest());
        }
      }
      assertThat(forwarded).isEmpty();
    }
  }

  @Test
  void everythingGoesThroughTheProxyAndIsResolvedThere() {
    TestImage image = TestImage.docker().layer(100_000).build();
    try (FaultyRegistry upstream =
        FaultyRegistry.builder()
            .tls(TlsVariant.VALID)
            .start()
            .put(NGINX.value(), TAG.value(), image)) {
      try (UpstreamClient client =
          UpstreamClient.of(upstream.url().replace("127.0.0.1", "localhost"))
              .ca(upstream.caCertificate())
              .proxy("http://me:pass@127.0.0.1:" + proxy.actualPort())
              .lookup(
                  host -> {
                    throw new AssertionError("looked up " + host);
                  })
              .build()) {
        assertThat(await(client.registry().getManifest(NGINX, TAG)).digest())
            .isEqualTo(image.digest());
        assertThat(connects).isNotEmpty().allMatch(name -> name.startsWith("localhost:"));
        assertThat(logins).allMatch(login -> login.startsWith("Basic "));
      }
    }
  }

  @Test
  void proxyThatCannotConnectIsAConnectFailure() {
    try (UpstreamClient client =
        UpstreamClient.of("https://registry.test:1")
            .proxy("http://127.0.0.1:" + proxy.actualPort())
            .build()) {
      UpstreamException failure = failureOf(client.registry().getManifest(NGINX, TAG));
      assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.CONNECT);
      assertThat(failure).hasMessageContaining("cannot connect: the proxy answers 50");
    }
  }
}
