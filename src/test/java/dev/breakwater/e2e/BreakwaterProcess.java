package dev.breakwater.e2e;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The packaged product as a child process, with a data directory of its own. */
public final class BreakwaterProcess implements AutoCloseable {
  private static final Path LAUNCHER =
      Path.of("target", "breakwater", "bin", "breakwater").toAbsolutePath();

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final String address;
  private final String admin = Loopback.freeAddress();
  private final Path data;
  private final Path log;
  private final URI upstream;
  private final Map<String, String> settings;
  private final List<String> prefix;
  private Daemon daemon;

  private BreakwaterProcess(
      Workspace workspace,
      String address,
      Path data,
      URI upstream,
      Map<String, String> settings,
      List<String> prefix) {
    this.address = address;
    this.data = data;
    this.prefix = prefix;
    this.log = workspace.log("breakwater");
    this.upstream = upstream;
    this.settings = settings;
    this.daemon = launch(Map.of());
  }

  /**
   * Starts it with {@code upstream} as {@code docker.io} and waits until it is ready.
   *
   * @param settings more of its environment, {@code BREAKWATER_…}
   */
  public static BreakwaterProcess start(
      Workspace workspace, URI upstream, Map<String, String> settings) {
    return start(workspace, workspace.store("breakwater"), upstream, settings, List.of());
  }

  /**
   * The same with a data directory of the caller's choice.
   *
   * @param prefix words before the command, of a program that runs it
   */
  public static BreakwaterProcess start(
      Workspace workspace,
      Path data,
      URI upstream,
      Map<String, String> settings,
      List<String> prefix) {
    return new BreakwaterProcess(
        workspace, Loopback.freeAddress(), data, upstream, settings, prefix);
  }

  /**
   * Starts it where clients do not take it for localhost.
   *
   * @param address HOST:PORT of this machine
   */
  static BreakwaterProcess startAt(
      Workspace workspace, String address, URI upstream, Map<String, String> settings) {
    Path data = workspace.store("breakwater");
    return new BreakwaterProcess(workspace, address, data, upstream, settings, List.of());
  }

  /** What an operator calls to start it. */
  public static Path launcher() {
    return LAUNCHER;
  }

  /** What clients use as their mirror. */
  public URI uri() {
    boolean isTls = settings.containsKey("BREAKWATER_LISTENERS_0_TLS_0_CERTIFICATE");
    return URI.create((isTls ? "https://" : "http://") + address);
  }

  /** Its process id, until it is started again. */
  public long pid() {
    return daemon.pid();
  }

  /** HOST:PORT, as the containers family writes a mirror. */
  String address() {
    return address;
  }

  /** Its data directory. */
  public Path data() {
    return data;
  }

  /** What operators use. */
  public URI admin() {
    return URI.create("http://" + admin);
  }

  /** What an operator's Prometheus reads. */
  public String metrics() {
    return Loopback.read(URI.create("http://" + admin + "/metrics"));
  }

  /**
   * The sum of a metric over all its series.
   *
   * @param name with {@code breakwater_}
   */
  public long metric(String name) {
    return metrics()
        .lines()
        .filter(line -> line.startsWith(name + " ") || line.startsWith(name + "{"))
        .mapToLong(line -> Math.round(Double.parseDouble(line.substring(line.lastIndexOf(' ')))))
        .sum();
  }

  /**
   * Waits until no download is under way. An answer is complete to its client before the blob has
   * its place in the store; a test that looks at the store, or at what upstream was asked, waits
   * first.
   */
  public void awaitNoDownloads() {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (metric("breakwater_downloads_inflight") > 0) {
      if (System.nanoTime() > deadline) {
        throw new AssertionError("downloads are still under way after " + PATIENCE);
      }
      Thread.onSpinWait();
    }
  }

  /** Ends it politely. */
  public void stop() {
    daemon.close();
  }

  /** Starts it again on the same addresses and data; it must have ended. */
  public void start() {
    start(Map.of());
  }

  /** The same with more of its environment, this time. */
  public void start(Map<String, String> more) {
    daemon = launch(more);
  }

  /** Whether it is fit to be asked. */
  public boolean isReady() {
    return Loopback.answers(URI.create("http://" + admin + "/readyz"), 200);
  }

  /** SIGTERM, without waiting. */
  public void terminate() {
    daemon.terminate();
  }

  /** Waits for its end; its exit code. */
  public int awaitEnd() {
    return daemon.awaitEnd();
  }

  /** Whether it ends by itself within so many milliseconds. */
  public boolean endsWithin(long millis) throws InterruptedException {
    return daemon.endsWithin(millis);
  }

  /** Ends it politely and starts it again on the same addresses and data. */
  void restart() {
    daemon.close();
    start();
  }

  /** {@code kill -9}. */
  public void kill() {
    daemon.kill();
    daemon.close();
  }

  @Override
  public void close() {
    daemon.close();
  }

  private Daemon launch(Map<String, String> more) {
    List<String> words = new ArrayList<>(prefix);
    words.addAll(
        List.of(
            LAUNCHER.toString(),
            "serve",
            "--listen",
            address,
            "--admin",
            admin,
            "--data",
            data.toString(),
            "--upstream",
            "docker.io=" + upstream));
    Map<String, String> all = new HashMap<>(settings);
    all.putAll(more);
    return Daemon.start("breakwater", log, all, words).awaitReady(this::isReady);
  }
}
