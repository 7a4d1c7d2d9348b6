package dev.breakwater.bench;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TurnedClock;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * What do a fleet's pulls cost of Docker Hub's quota? The hour is a simulated one: the clock that
 * tags age by is turned between the pulls.
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=QuotaBench
 * }</pre>
 */
public final class QuotaBench {
  private static final int PULLS = 10_000;
  private static final int TAGS = 50;
  private static final int CLIENTS = 20;
  private static final int HERD = 1000;
  private static final Duration HOUR = Duration.ofHours(1);
  private static final Duration TAG_TTL = Duration.ofSeconds(60);
  private static final String REPOSITORY = "library/app";

  private final TurnedClock clock = TurnedClock.standing();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();

  private QuotaBench() {}

  /** Runs it. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(Machine.description());
    new QuotaBench().run();
  }

  private void run() throws Exception {
    Path data = Files.createTempDirectory("breakwater-quota");
    try (FaultyRegistry upstream = FaultyRegistry.likeDockerHub().start()) {
      for (int tag = 0; tag < TAGS; tag++) {
        upstream.put(REPOSITORY, "v" + tag, TestImage.docker().seed(tag).layer(1000).build());
      }
      upstream.put(REPOSITORY, "latest", TestImage.docker().seed(-1).layer(1000).build());
      try (RunningMirror mirror =
          RunningMirror.of(upstream, data)
              .clock(clock)
              .set("BREAKWATER_CACHE_TAG_TTL", TAG_TTL.toSeconds() + "s")
              .set("BREAKWATER_CACHE_PREFETCH", "false")
              .start()) {
        hour(upstream, mirror.uri());
        herd(upstream, mirror.uri());
      }
    } finally {
      client.close();
    }
  }

  private void hour(FaultyRegistry upstream, URI mirror) {
    List<CompletableFuture<Void>> round = new ArrayList<>();
    for (int pull = 0; pull < PULLS; pull++) {
      round.add(pull(mirror, "v" + pull % TAGS));
      if (round.size() == CLIENTS) {
        round.forEach(CompletableFuture::join);
        round.clear();
        clock.turn(HOUR.multipliedBy(CLIENTS).dividedBy(PULLS));
      }
    }
    round.forEach(CompletableFuture::join);
    int heads = upstream.count(RequestMatcher.manifest().head());
    long most = TAGS * (HOUR.toSeconds() / TAG_TTL.toSeconds());
    Table table = new Table("an hour of " + PULLS + " pulls of " + TAGS + " tags", "", "wanted");
    table.row("counted GETs of manifests", upstream.count(RequestMatcher.manifest().get()), "≤ 50");
    table.row("HEADs of manifests, which are free", heads, "≤ " + most);
    table.row("tokens", upstream.count(RequestMatcher.token()), "");
    table.print(System.out);
  }

  private void herd(FaultyRegistry upstream, URI mirror) throws InterruptedException {
    pull(mirror, "latest").join();
    // Half of the pulls are spent, so times to live begin to stretch.
    clock.turn(TAG_TTL.multipliedBy(2));
    int heads = upstream.count(RequestMatcher.manifest().head());
    int gets = upstream.count(RequestMatcher.manifest().get());
    CountDownLatch start = new CountDownLatch(1);
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Void>> herd = new ArrayList<>();
      for (int i = 0; i < HERD; i++) {
        herd.add(
            CompletableFuture.runAsync(
                () -> {
                  try {
                    start.await();
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                  pull(mirror, "latest").join();
                },
                threads));
      }
      start.countDown();
      herd.forEach(CompletableFuture::join);
    }
    Table table = new Table(HERD + " clients ask for a stale latest at once", "", "wanted");
    table.row("HEADs", upstream.count(RequestMatcher.manifest().head()) - heads, "1");
    table.row("counted GETs", upstream.count(RequestMatcher.manifest().get()) - gets, "0");
    table.print(System.out);
  }

  private CompletableFuture<Void> pull(URI mirror, String tag) {
    HttpRequest request =
        HttpRequest.newBuilder(mirror.resolve("/v2/" + REPOSITORY + "/manifests/" + tag))
            .header("Accept", Connection.ACCEPT)
            .build();
    return client.sendAsync(request, BodyHandlers.ofByteArray()).thenAccept(QuotaBench::expectOk);
  }

  private static void expectOk(HttpResponse<byte[]> response) {
    if (response.statusCode() != 200) {
      throw new IllegalStateException("status " + response.statusCode());
    }
  }
}
