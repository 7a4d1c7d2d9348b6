package dev.breakwater.upstream;

import static dev.breakwater.upstream.UpstreamClient.NGINX;
import static dev.breakwater.upstream.UpstreamClient.await;
import static dev.breakwater.upstream.UpstreamClient.failureOf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Tag;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TlsVariant;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.NetClient;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ProxyTest {
  private static final Tag TAG = Tag.parse("1.27");

  private final Vertx vertx = Vertx.vertx();
  private final NetClient dialler = vertx.createNetClient();
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
    if (!request.method().equals(HttpMethod.CONNECT)) {
      request.response().setStatusCode(405).end();
      return;
    }
    connects.add(request.authority().toString());
    logins.add(String.valueOf(request.getHeader("Proxy-Authorization")));
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
      assertThat(failureOf(client.registry().getManifest(NGINX, TAG)).outcome())
          .isEqualTo(UpstreamOutcome.CONNECT);
    }
  }
}
