package dev.breakwater.app;

import dev.breakwater.config.Config;
import dev.breakwater.config.ConfigLoader;
import dev.breakwater.config.FlagOverrides;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.FreePort;
import dev.breakwater.upstream.TimeLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import java.util.stream.Stream;

/**
 * The whole product in this process, configured as a user would, with a registry on loopback as
 * {@code docker.io}. The caller closes it.
 */
public final class RunningMirror implements AutoCloseable {
  /** As in operation, but so that a test that goes wrong ends soon. */
  public static final TimeLimits LIMITS =
      new TimeLimits(
          Duration.ofSeconds(5),
          Duration.ofSeconds(20),
          Duration.ofSeconds(20),
          1,
          Duration.ofSeconds(60));

  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Application application;
  private final Path data;
  private final URI uri;
  private final URI admin;

  private RunningMirror(Application application, Path data, String listen, String admin) {
    this.application = application;
    this.data = data;
    this.uri = URI.create("http://" + listen);
    this.admin = URI.create("http://" + admin);
  }

  /** Begins to describe a mirror of that registry, whose token server it trusts. */
  public static Builder of(FaultyRegistry upstream, Path data) {
    String realm = URI.create(upstream.authUrl()).getAuthority();
    return of(upstream.url(), data).set("BREAKWATER_UPSTREAMS_DOCKER_IO_REALMS", realm);
  }

  /** Begins to describe a mirror of what is or is not at that address. */
  public static Builder of(String upstream, Path data) {
    return new Builder(upstream, data);
  }

  /** What sort of mirror to start. */
  public static final class Builder {
    private final String upstream;
    private final Path data;
    private final Map<String, String> environment = new HashMap<>();
    private TimeLimits limits = LIMITS;
    private Clock clock = Clock.systemUTC();
    private LongSupplier nanos = System::nanoTime;

    private Builder(String upstream, Path data) {
      this.upstream = upstream;
      this.data = data;
    }

    /** Sets a variable of its environment, {@code BREAKWATER_…}. */
    public Builder set(String variable, String value) {
      environment.put(variable, value);
      return this;
    }

    /** How long upstream may take. */
    public Builder limits(TimeLimits value) {
      limits = value;
      return this;
    }

    /** What the age of tags is measured by. */
    public Builder clock(Clock value) {
      clock = value;
      return this;
    }

    /** What pauses, probes and remembered refusals are measured by. */
    public Builder nanos(LongSupplier value) {
      nanos = value;
      return this;
    }

    /** Starts it. */
    public RunningMirror start() throws StartupException {
      List<String> addresses = freeAddresses();
      FlagOverrides flags =
          new FlagOverrides(
              Optional.of(addresses.getFirst()),
              Optional.of(addresses.getLast()),
              Optional.of(data.toString()),
              Optional.empty(),
              List.of("docker.io=" + upstream));
      Config config = ConfigLoader.load(Optional.empty(), environment, flags).config();
      Application application = Application.start(config, new TestOverrides(limits, clock, nanos));
      return new RunningMirror(application, data, addresses.getFirst(), addresses.getLast());
    }
  }

  private static List<String> freeAddresses() {
    return List.of("127.0.0.1:" + FreePort.onLoopback(), "127.0.0.1:" + FreePort.onLoopback());
  }

  /** What clients use as their mirror. */
  public URI uri() {
    return uri;
  }

  /** What operators use. */
  public URI admin() {
    return admin;
  }

  /** The page an operator's Prometheus reads. */
  public String metrics() {
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(
                admin.resolve("/metrics").toURL().openStream(), StandardCharsets.UTF_8))) {
      StringBuilder page = new StringBuilder();
      lines.lines().forEach(line -> page.append(line).append('\n'));
      return page.toString();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What the admin API says to a POST. */
  public String post(String pathAndQuery) {
    return admin("POST", pathAndQuery);
  }

  /** What the admin API says to a GET. */
  public String get(String pathAndQuery) {
    return admin("GET", pathAndQuery);
  }

  private String admin(String method, String pathAndQuery) {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(admin.resolve(pathAndQuery))
                  .method(method, HttpRequest.BodyPublishers.noBody())
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new AssertionError("interrupted", e);
    }
  }

  /**
   * The sum of a metric over all its series with these labels.
   *
   * @param name without {@code breakwater_}
   * @param labels each as {@code name="value"}
   */
  public long metric(String name, String... labels) {
    double sum = 0;
    for (String line : metrics().lines().toList()) {
      boolean named =
          line.startsWith("breakwater_" + name + "{")
              || line.startsWith("breakwater_" + name + " ");
      if (named && Stream.of(labels).allMatch(line::contains)) {
        sum += Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1));
      }
    }
    return Math.round(sum);
  }

  /** How many requests for that kind of content have ended so at upstream. */
  public long upstreamRequests(String kind, String outcome) {
    return metric(
        "upstream_requests_total", "kind=\"" + kind + "\"", "outcome=\"" + outcome + "\"");
  }

  /** Waits until no download is under way, and what was downloaded is kept or thrown away. */
  public void awaitNoDownloads() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (metric("downloads_inflight") > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("downloads are still under way after " + PATIENCE);
      }
      Thread.onSpinWait();
    }
  }

  /** Whether that blob has its place in the store, once all downloads have ended. */
  public boolean keeps(Digest digest) {
    return storedBlobs().stream().anyMatch(file -> file.endsWith(digest.hex()));
  }

  /** How many bytes are left of downloads that were not completed. */
  public long partialBytes() {
    awaitNoDownloads();
    return files("downloads").stream()
        .filter(file -> file.toString().endsWith(".part"))
        .mapToLong(file -> file.toFile().length())
        .sum();
  }

  /** The files of all blobs in the store, once all downloads have ended. */
  public List<Path> storedBlobs() {
    awaitNoDownloads();
    return files("blobs");
  }

  private List<Path> files(String directory) {
    try (Stream<Path> files = Files.walk(data.resolve(directory))) {
      return files.filter(Files::isRegularFile).toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    application.close();
  }
}
