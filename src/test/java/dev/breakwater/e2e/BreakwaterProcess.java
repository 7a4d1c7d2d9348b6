package dev.breakwater.e2e;

import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The packaged product as a child process, with a data directory of its own. */
public final class BreakwaterProcess implements AutoCloseable {
  private static final Path LAUNCHER =
      Path.of("target", "breakwater", "bin", "breakwater").toAbsolutePath();

  private final String address = Loopback.freeAddress();
  private final String admin = Loopback.freeAddress();
  private final Path data;
  private final Path log;
  private final URI upstream;
  private final Map<String, String> settings;
  private Daemon daemon;

  private BreakwaterProcess(Workspace workspace, URI upstream, Map<String, String> settings) {
    this.data = workspace.store("breakwater");
    this.log = workspace.log("breakwater");
    this.upstream = upstream;
    this.settings = settings;
    this.daemon = launch();
  }

  /**
   * Starts it with {@code upstream} as {@code docker.io} and waits until it is ready.
   *
   * @param settings more of its environment, {@code BREAKWATER_…}
   */
  public static BreakwaterProcess start(
      Workspace workspace, URI upstream, Map<String, String> settings) {
    return new BreakwaterProcess(workspace, upstream, settings);
  }

  /** What clients use as their mirror. */
  public URI uri() {
    return URI.create("http://" + address);
  }

  /** Its process id, until it is started again. */
  public long pid() {
    return daemon.pid();
  }

  /** {@code 127.0.0.1:<port>}, as the containers family writes a mirror. */
  String address() {
    return address;
  }

  /** Its data directory. */
  public Path data() {
    return data;
  }

  /** What an operator's Prometheus reads. */
  public String metrics() {
    return Loopback.read(URI.create("http://" + admin + "/metrics"));
  }

  /** Ends it politely. */
  public void stop() {
    daemon.close();
  }

  /** Starts it again on the same addresses and data; it must have ended. */
  public void start() {
    daemon = launch();
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

  private Daemon launch() {
    List<String> words =
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
            "docker.io=" + upstream);
    URI ready = URI.create("http://" + admin + "/readyz");
    return Daemon.start("breakwater", log, settings, words)
        .awaitReady(() -> Loopback.answers(ready, 200));
  }
}
