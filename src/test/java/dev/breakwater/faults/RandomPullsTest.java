package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.Faults;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.Listener;
import dev.breakwater.testing.RandomFaults;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.SeenRequest;
import dev.breakwater.testing.TestImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many pulls by several clients through an upstream with random faults, which end by themselves.
 * Each image has its own faults, drawn from the seed and the image's number, and is pulled by two
 * clients at about the same time.
 *
 * <pre>
 * mvn test -Dtest=RandomPullsTest -Dbreakwater.randomPulls=10000 -Dbreakwater.seed=1
 * </pre>
 */
@Tag("slow")
class RandomPullsTest {
  private static final int PULLS = Integer.getInteger("breakwater.randomPulls", 60);
  private static final long SEED = Long.getLong("breakwater.seed", System.nanoTime());
  private static final int CLIENTS = 6;
  private static final int PULLS_OF_AN_IMAGE = 2;
  private static final int MOST_FAULTS = 12;
  private static final String PASSWORD = "password-canary";

  @TempDir Path data;

  private final Map<Integer, Subject> subjects = new ConcurrentHashMap<>();
  private final AtomicInteger refused = new AtomicInteger();
  private final AtomicInteger resumed = new AtomicInteger();
  private final AtomicInteger restarted = new AtomicInteger();

  /** An image, and the faults on the way to it. */
  private record Subject(
      String repository, TestImage image, RequestMatcher requests, RandomFaults faults, int count) {
    boolean upstreamIsWell() {
      return faults.drawn().size() == count;
    }

    /** What upstream was asked and what it did to the answers, in the same order. */
    String transcript(FaultyRegistry upstream) {
      return upstream.requests(requests).stream()
              .map(SeenRequest::toString)
              .collect(Collectors.joining("\n"))
          + "\nfaults: "
          + faults.drawn();
    }
  }

  @Test
  void everyPullGetsTheRightBytesAndSucceedsOnceTheFaultsAreOver() throws Exception {
    long begun = System.nanoTime();
    try (FaultyRegistry upstream =
            FaultyRegistry.builder().bearer().redirectBlobs().account("owner", PASSWORD).start();
        RunningMirror mirror = start(upstream);
        PullClient client = new PullClient(mirror.uri())) {
      pullAll(upstream, client);
      assertOnlyTruthIsKept(mirror);
      assertThat(upstream.credentialsSeenBy(Listener.CDN)).as("seed %d", SEED).isEmpty();
      assertThat(upstream.requestsContaining(PASSWORD)).as("seed %d", SEED).isEmpty();
      assertThat(mirror.metrics()).as("seed %d", SEED).doesNotContain(PASSWORD);
      report(upstream, Duration.ofNanos(System.nanoTime() - begun));
    }
  }

  private RunningMirror start(FaultyRegistry upstream) throws Exception {
    return RunningMirror.of(upstream, data)
        .set("BREAKWATER_CACHE_TAG_TTL", "0s")
        .set("BREAKWATER_CACHE_NEGATIVE_TTL", "0s")
        .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_USERNAME", "owner")
        .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCOUNTS_0_PASSWORD", PASSWORD)
        .set("BREAKWATER_UPSTREAMS_DOCKER_IO_ACCESS", "anonymous")
        .start();
  }

  private void pullAll(FaultyRegistry upstream, PullClient client) throws Exception {
    List<Future<?>> pulls = new ArrayList<>();
    try (ExecutorService clients = Executors.newFixedThreadPool(CLIENTS)) {
      for (int i = 0; i < PULLS; i++) {
        int number = i / PULLS_OF_AN_IMAGE;
        pulls.add(clients.submit(() -> pull(upstream, client, number)));
      }
      for (Future<?> pull : pulls) {
        pull.get(10, TimeUnit.MINUTES);
      }
    } catch (ExecutionException e) {
      throw new AssertionError("seed " + SEED + ": " + e.getCause().getMessage(), e.getCause());
    }
  }

  private void pull(FaultyRegistry upstream, PullClient client, int number) {
    Subject subject = subjects.computeIfAbsent(number, ignored -> subject(upstream, number));
    PatientPull pull = new PatientPull(client, subject.repository, subject::upstreamIsWell);
    try {
      pull.run("1", subject.image);
    } catch (AssertionError e) {
      fail(
          "image %d of seed %d: %s%n%s",
          number, SEED, e.getMessage(), subject.transcript(upstream));
    }
    refused.addAndGet(pull.refused());
    resumed.addAndGet(pull.resumed());
    restarted.addAndGet(pull.restarted());
  }

  private static Subject subject(FaultyRegistry upstream, int number) {
    Random random = new Random(SEED + number);
    String repository = "library/image-" + number;
    TestImage image = image(random, number);
    upstream.put(repository, "1", image);
    RequestMatcher requests = requestsFor(repository, image);
    int count = 1 + random.nextInt(MOST_FAULTS);
    RandomFaults faults = Faults.random(random.nextLong());
    upstream.on(requests).times(count).then(faults);
    return new Subject(repository, image, requests, faults, count);
  }

  /** One layer that is streamed while it comes, one that is proven first; often in an index. */
  private static TestImage image(Random random, int number) {
    TestImage image =
        TestImage.oci()
            .seed(number)
            .layer(1_100_000 + random.nextInt(1_000_000))
            .layer(1 + random.nextInt(200_000))
            .build();
    return random.nextBoolean() ? image : TestImage.ociIndex(image);
  }

  /** At the registry, the token server and the CDN; challenges too. */
  private static RequestMatcher requestsFor(String repository, TestImage image) {
    Set<String> blobs = new HashSet<>();
    allBlobs(image).keySet().forEach(digest -> blobs.add(digest.toString()));
    return RequestMatcher.any()
        .and(
            "for " + repository,
            request ->
                request.repository().equals(repository)
                    || blobs.contains(request.reference())
                    || (request.kind() == ContentKind.TOKEN
                        && request.query().contains(repository.replace("library/", "") + ":")));
  }

  private static Map<Digest, Content> allBlobs(TestImage image) {
    Map<Digest, Content> blobs = new HashMap<>(image.blobs());
    image.children().forEach(child -> blobs.putAll(allBlobs(child)));
    return blobs;
  }

  private void assertOnlyTruthIsKept(RunningMirror mirror) throws Exception {
    Set<String> expected = new HashSet<>();
    subjects.values().forEach(s -> allBlobs(s.image).keySet().forEach(d -> expected.add(d.hex())));
    Set<String> kept = new HashSet<>();
    for (Path file : mirror.storedBlobs()) {
      String name = file.getFileName().toString();
      assertThat(Digest.ofSha256(Files.readAllBytes(file)).hex())
          .as("seed %d", SEED)
          .isEqualTo(name);
      kept.add(name);
    }
    assertThat(kept).as("seed %d", SEED).isEqualTo(expected);
    assertThat(mirror.partialBytes()).as("seed %d", SEED).isZero();
  }

  private void report(FaultyRegistry upstream, Duration took) {
    int faults = subjects.values().stream().mapToInt(s -> s.faults.drawn().size()).sum();
    System.out.printf(
        "RandomPullsTest: %d pulls of %d images in %d s, seed %d: %d of %d upstream requests were"
            + " spoiled; clients were refused %d times, resumed %d bodies, threw %d blobs away%n",
        PULLS,
        subjects.size(),
        took.toSeconds(),
        SEED,
        faults,
        upstream.requests().size(),
        refused.get(),
        resumed.get(),
        restarted.get());
  }
}
