package dev.breakwater.bench;

import dev.breakwater.e2e.HostileClients;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.TestImage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The hostile clients and the upstream registry in a process that runs when the machine is idle, so
 * that on one machine they take only the processor time that the mirror and the good client leave:
 * from outside they could not take any. Driven by lines on its standard input.
 */
final class HostileProcess implements AutoCloseable {
  static final String REPOSITORY = "library/good";

  /** Blobs of 64 KB and 1 MB. */
  static final TestImage IMAGE = TestImage.oci().seed(1).layer(64_000).layer(1_000_000).build();

  private static final int SLOW = 300;
  private static final int CONNECTIONS = 10_000;
  private static final int NAMES_PER_SECOND = 278;
  private static final int ODD_PER_SECOND = 20;
  private static final int ADDRESSES = 100;

  private final Process process;
  private final BufferedReader output;
  private final PrintWriter input;
  private final URI upstream;
  private final String realm;

  private HostileProcess(Process process) throws IOException {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
    this.input = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
    this.upstream = URI.create(output.readLine());
    this.realm = output.readLine();
  }

  /** Starts the process, with the upstream registry and without hostile clients. */
  static HostileProcess start() throws IOException {
    return new HostileProcess(
        new ProcessBuilder(
                "chrt",
                "--idle",
                "0",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                HostileProcess.class.getName())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start());
  }

  URI upstream() {
    return upstream;
  }

  /** Host and port of the upstream registry's token server. */
  String realm() {
    return realm;
  }

  /** Opens the connections of hostile clients. */
  void connect(URI mirror) throws IOException {
    say("connect " + mirror);
  }

  /** Begins with new names, odd requests and answers that are left, too. */
  void ask() throws IOException {
    say("ask");
  }

  /** What the hostile clients have reached so far, for people. */
  String state() throws IOException {
    return say("state");
  }

  /** The hostile clients leave. */
  void rest() throws IOException {
    say("rest");
  }

  private String say(String line) throws IOException {
    input.println(line);
    String answer = output.readLine();
    if (answer == null) {
      throw new IOException("the process of the hostile clients has ended");
    }
    return answer;
  }

  @Override
  public void close() {
    process.destroy();
    process.onExit().join();
  }

  /** The process itself. */
  public static void main(String[] arguments) throws IOException {
    try (FaultyRegistry upstream = FaultyRegistry.builder().bearer().redirectBlobs().start()) {
      upstream.put(REPOSITORY, "1", IMAGE);
      System.out.println(upstream.url());
      System.out.println(URI.create(upstream.authUrl()).getAuthority());
      obey(new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)));
    }
  }

  private static void obey(BufferedReader input) throws IOException {
    String large = "/v2/" + REPOSITORY + "/blobs/" + IMAGE.layer(1).digest();
    HostileClients hostile = null;
    long seed = 0;
    for (String line = input.readLine(); line != null; line = input.readLine()) {
      String[] words = line.split(" ", 2);
      if (words[0].equals("connect")) {
        hostile = new HostileClients(URI.create(words[1]), ADDRESSES, seed++);
        hostile.hold(CONNECTIONS - SLOW).readSlowly(SLOW, () -> large);
      } else if (hostile != null && words[0].equals("ask")) {
        hostile
            .guess(NAMES_PER_SECOND)
            .pester(ODD_PER_SECOND, REPOSITORY)
            .leave(ODD_PER_SECOND, () -> large);
      } else if (hostile != null && words[0].equals("rest")) {
        hostile.close();
      }
      System.out.println(
          hostile == null
              ? ""
              : "%d connections held, %d slow readers, %d requests, %d names"
                  .formatted(hostile.held(), hostile.slow(), hostile.requests(), hostile.names()));
    }
  }
}
