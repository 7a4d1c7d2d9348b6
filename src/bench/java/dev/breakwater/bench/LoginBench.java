package dev.breakwater.bench;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import dev.breakwater.access.PasswordHash;
import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import io.vertx.core.json.JsonObject;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.LoggerFactory;

/**
 * What does a login cost? Cached answers to requests without one, with a password (after the first
 * request, which takes the time of bcrypt) and with a token.
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=LoginBench
 * }</pre>
 *
 * <p>The server is in this process, the load is wrk beside it. Every round asks in each way in
 * turn.
 */
public final class LoginBench {
  private static final String REPOSITORY = "library/bench";
  private static final Duration TIME = Duration.ofSeconds(2);
  private static final int CONNECTIONS = 16;
  private static final String PASSWORD = "bench";

  private LoginBench() {}

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws Exception {
    int rounds = Integer.parseInt(arguments[0]);
    ((Logger) LoggerFactory.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME)).setLevel(Level.WARN);
    ((Logger) LoggerFactory.getLogger("access")).setLevel(Level.WARN);
    System.out.println(Machine.description());
    Path directory = Files.createTempDirectory("LoginBench");
    PasswordHash hash =
        PasswordHash.of(PASSWORD.getBytes(StandardCharsets.UTF_8), PasswordHash.USUAL_COST);
    Path users = Files.writeString(directory.resolve("htpasswd"), "bench:" + hash.reveal() + "\n");
    TestImage image = TestImage.docker().layer(1 << 16).build();
    try (FaultyRegistry upstream = FaultyRegistry.start()) {
      upstream.put(REPOSITORY, "1", image);
      try (RunningMirror mirror =
          RunningMirror.of(upstream, directory.resolve("data"))
              .set("BREAKWATER_ACCESS_HTPASSWD", users.toString())
              .set("BREAKWATER_CACHE_TAG_TTL", "1d")
              .start()) {
        compare(mirror.uri(), image, rounds);
      }
    }
  }

  private static void compare(URI server, TestImage image, int rounds) throws Exception {
    String basic =
        "Authorization: Basic "
            + Base64.getEncoder()
                .encodeToString(("bench:" + PASSWORD).getBytes(StandardCharsets.UTF_8));
    String scope = "?scope=repository:" + REPOSITORY + ":pull";
    Map<String, String> ways = new LinkedHashMap<>();
    ways.put("anonymous", "X-Nothing: 1");
    ways.put("Basic", basic);
    ways.put("Bearer", "Authorization: Bearer " + token(server.resolve("/token" + scope), basic));
    Map<String, String> paths = new LinkedHashMap<>();
    paths.put("manifest", "/v2/" + REPOSITORY + "/manifests/1");
    paths.put("blob of 64 KiB", "/v2/" + REPOSITORY + "/blobs/" + image.layer(0).digest());
    Table table = new Table("hit", "login", "requests/s", "time: x anonymous");
    for (Map.Entry<String, String> path : paths.entrySet()) {
      URI target = server.resolve(path.getValue());
      ways.values().forEach(field -> Wrk.run(target, CONNECTIONS, TIME, field));
      Map<String, Series> figures = new LinkedHashMap<>();
      ways.keySet().forEach(way -> figures.put(way, new Series()));
      for (int round = 0; round < rounds; round++) {
        ways.forEach(
            (way, field) -> {
              Load.Outcome outcome = Wrk.run(target, CONNECTIONS, TIME, field);
              figures.get(way).add(outcome.requests() / outcome.seconds());
            });
      }
      double anonymous = figures.get("anonymous").median();
      figures.forEach(
          (way, series) ->
              table.row(path.getKey(), way, series.median(), anonymous / series.median()));
    }
    table.print(System.out);
  }

  private static String token(URI endpoint, String field) throws Exception {
    String[] parts = field.split(": ", 2);
    try (HttpClient http = HttpClient.newHttpClient()) {
      String body =
          http.send(
                  HttpRequest.newBuilder(endpoint).header(parts[0], parts[1]).build(),
                  HttpResponse.BodyHandlers.ofString())
              .body();
      return new JsonObject(body).getString("token");
    }
  }
}
