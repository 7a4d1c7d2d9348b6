package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Stands where Docker Hub's {@code auth.docker.io} stands: any client may pull what is not private,
 * and the pusher may pull and push everything. It knows the GET form of the token protocol only
 * (docs/findings.md#tokens).
 */
final class TokenServer implements AutoCloseable {
  static final String SERVICE = "registry.e2e";
  static final String ISSUER = "breakwater-e2e";

  /** {@code Authorization} of the only user there is. */
  static final String PUSHER =
      "Basic " + Base64.getEncoder().encodeToString("pusher:pusher".getBytes(UTF_8));

  private static final int LIFETIME_SECONDS = 300;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final SigningKey key;
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicInteger issued = new AtomicInteger();
  private final Set<String> hidden;

  TokenServer(SigningKey key) {
    this(key, Set.of());
  }

  /** {@code hidden} are the names of the private repositories. */
  TokenServer(SigningKey key, Set<String> hidden) {
    this.key = key;
    this.hidden = Set.copyOf(hidden);
    try {
      server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    server.setExecutor(threads);
    server.createContext("/token", this::answer);
    server.start();
  }

  /** Where tokens are asked for. */
  URI realm() {
    return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/token");
  }

  /** How many tokens it has handed out. */
  int issued() {
    return issued.get();
  }

  @Override
  public void close() {
    server.stop(0);
    threads.close();
  }

  private void answer(HttpExchange exchange) throws IOException {
    try (exchange) {
      String credentials = exchange.getRequestHeaders().getFirst("Authorization");
      if (!exchange.getRequestMethod().equals("GET")) {
        exchange.sendResponseHeaders(405, -1);
      } else if (credentials != null && !credentials.equals(PUSHER)) {
        exchange.sendResponseHeaders(401, -1);
      } else {
        byte[] body = token(exchange.getRequestURI(), credentials != null);
        issued.incrementAndGet();
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(200, body.length);
        exchange.getResponseBody().write(body);
      }
    }
  }

  private byte[] token(URI request, boolean mayPush) throws IOException {
    Instant now = Instant.now();
    Map<String, Object> claims = new LinkedHashMap<>();
    claims.put("iss", ISSUER);
    claims.put("sub", mayPush ? "pusher" : "");
    claims.put("aud", SERVICE);
    claims.put("exp", now.getEpochSecond() + LIFETIME_SECONDS);
    claims.put("nbf", now.getEpochSecond() - 10);
    claims.put("iat", now.getEpochSecond());
    claims.put("jti", UUID.randomUUID().toString());
    claims.put("access", access(request, mayPush));
    String token = key.sign(claims);
    return JSON.writeValueAsBytes(
        Map.of(
            "token", token,
            "access_token", token,
            "expires_in", LIFETIME_SECONDS,
            "issued_at", now.toString()));
  }

  private List<Map<String, Object>> access(URI request, boolean mayPush) {
    List<Map<String, Object>> access = new ArrayList<>();
    String query = request.getRawQuery() == null ? "" : request.getRawQuery();
    for (String parameter : query.split("&", -1)) {
      if (parameter.startsWith("scope=")) {
        String scope = URLDecoder.decode(parameter.substring("scope=".length()), UTF_8);
        String[] parts = scope.split(":", 3);
        List<String> actions = new ArrayList<>(List.of(parts[2].split(",", -1)));
        if (!mayPush) {
          actions.retainAll(hidden.contains(parts[1]) ? List.of() : List.of("pull"));
        }
        access.add(Map.of("type", parts[0], "name", parts[1], "actions", actions));
      }
    }
    return access;
  }
}
