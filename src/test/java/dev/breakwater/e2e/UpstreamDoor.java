package dev.breakwater.e2e;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The way to the real registry: passes every request on, writes it down, and can hold a blob's body
 * back in the middle, so that a test knows for certain that a transfer is under way.
 */
final class UpstreamDoor implements AutoCloseable {
  /** Headers that belong to one connection, or that the client sets by itself. */
  private static final Set<String> OWN =
      Set.of(
          "host",
          "connection",
          "content-length",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "expect",
          "date");

  private final URI registry;
  private final RequestLog log;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();
  private final Map<String, Hold> holds = new ConcurrentHashMap<>();

  UpstreamDoor(URI registry, RequestLog log) {
    this.registry = registry;
    this.log = log;
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/", this::pass);
    server.start();
  }

  URI uri() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
  }

  /** From now on, bodies of the blob stop after {@code bytes} until the hold is released. */
  Hold holdBlob(String digest, long bytes) {
    Hold hold = new Hold(bytes);
    holds.put("/blobs/" + digest, hold);
    return hold;
  }

  @Override
  public void close() {
    holds.values().forEach(Hold::release);
    server.stop(0);
    threads.shutdownNow();
    threads.close();
    client.shutdownNow();
  }

  private void pass(HttpExchange exchange) throws IOException {
    try (exchange) {
      URI target = registry.resolve(exchange.getRequestURI());
      HttpRequest.Builder request =
          HttpRequest.newBuilder(target)
              .method(exchange.getRequestMethod(), HttpRequest.BodyPublishers.noBody());
      exchange
          .getRequestHeaders()
          .forEach(
              (name, values) -> {
                if (!OWN.contains(name.toLowerCase(Locale.ROOT))) {
                  values.forEach(value -> request.header(name, value));
                }
              });
      HttpResponse<InputStream> response =
          client.send(request.build(), BodyHandlers.ofInputStream());
      log.add(
          new RequestLog.Request(
              exchange.getRequestMethod(), target.getPath(), response.statusCode()));
      answer(exchange, response);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void answer(HttpExchange exchange, HttpResponse<InputStream> response)
      throws IOException, InterruptedException {
    response
        .headers()
        .map()
        .forEach(
            (name, values) -> {
              if (!OWN.contains(name)) {
                values.forEach(value -> exchange.getResponseHeaders().add(name, value));
              }
            });
    long length = response.headers().firstValueAsLong("content-length").orElse(0);
    try (InputStream body = response.body()) {
      if (exchange.getRequestMethod().equals("HEAD")) {
        exchange.getResponseHeaders().set("Content-Length", Long.toString(length));
        exchange.sendResponseHeaders(response.statusCode(), -1);
        return;
      }
      exchange.sendResponseHeaders(response.statusCode(), length == 0 ? -1 : length);
      OutputStream out = exchange.getResponseBody();
      String path = exchange.getRequestURI().getPath();
      for (Map.Entry<String, Hold> hold : holds.entrySet()) {
        if (path.endsWith(hold.getKey())) {
          hold.getValue().pass(body, out);
        }
      }
      body.transferTo(out);
    }
  }
}
