package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A program {@code docker-credential-NAME}, which prints the login for a registry whose name it is
 * given on standard input. Docker's protocol: the answer is JSON, an error is a text on standard
 * output, or on standard error, and an exit code that is not 0.
 *
 * @param name the end of the program's name: {@code ecr-login}
 * @param environment what it gets of variables, without those that configure Breakwater; {@code
 *     PATH} says where the program is
 * @param limit how long it may run
 */
record CredentialHelper(String name, Map<String, String> environment, Duration limit) {
  /** How long a helper may run: those of clouds ask a service over the network. */
  static final Duration LIMIT = Duration.ofSeconds(10);

  private static final int MAX_OUTPUT = 64 * 1024;
  private static final int MAX_ERROR = 8 * 1024;
  private static final long POLL_MILLIS = 5;
  private static final int QUIET_POLLS = 20;

  CredentialHelper {
    environment = Map.copyOf(environment);
  }

  /** The program's name, as messages have it. */
  String program() {
    return "docker-credential-" + name;
  }

  /** The program's file; fails if there is none in the directories of PATH. */
  Path file() throws CredentialException {
    if (!name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
      throw new CredentialException(
          Quoted.of(name)
              + " is not the name of a credential helper; write what follows docker-credential- in"
              + " the program's name");
    }
    for (String directory : environment.getOrDefault("PATH", "").split(":", -1)) {
      if (directory.startsWith("/")) {
        Path file = Path.of(directory, program());
        if (Files.isRegularFile(file) && Files.isExecutable(file)) {
          return file;
        }
      }
    }
    throw new CredentialException(
        "the credential helper "
            + program()
            + " is in no directory of PATH; install it, or correct PATH, which is "
            + Quoted.of(environment.getOrDefault("PATH", "")));
  }

  /**
   * Asks for the login for a registry; empty if the helper has none. Blocks, at most for {@code
   * limit}; then the program is killed.
   *
   * @param secrets what messages must not repeat of its errors
   */
  Optional<Credentials> get(ServerAddress server, Collection<String> secrets)
      throws CredentialException {
    ProcessBuilder builder = new ProcessBuilder(List.of(file().toString(), "get"));
    Map<String, String> variables = builder.environment();
    variables.clear();
    variables.putAll(passed());
    try {
      Process process = builder.start();
      try {
        return HelperAnswer.read(this, server, run(process, server), secrets);
      } finally {
        kill(process);
      }
    } catch (IOException e) {
      throw new CredentialException("the credential helper " + program() + " cannot be run");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CredentialException("Breakwater stops");
    }
  }

  /** The secrets of other registries are none of its business. */
  private Map<String, String> passed() {
    Map<String, String> passed = new HashMap<>(environment);
    passed
        .keySet()
        .removeIf(
            variable ->
                variable.startsWith("BREAKWATER_") || variable.startsWith("REGISTRY_PROXY_"));
    return passed;
  }

  /**
   * How a run ended.
   *
   * @param code the exit code
   * @param output standard output
   * @param error standard error, its beginning
   */
  record Run(int code, String output, String error) {}

  /*
   * The pipes are looked at and not waited for: a program that is left behind by the helper may
   * keep them open. After the end they are looked at for some time more, because the JDK replaces
   * them then by what is left in them, and for a moment both seem empty.
   */
  private Run run(Process process, ServerAddress server)
      throws InterruptedException, CredentialException {
    long end = System.nanoTime() + limit.toNanos();
    write(process.getOutputStream(), server);
    Pipe output = new Pipe(process.getInputStream(), MAX_OUTPUT + 1);
    Pipe error = new Pipe(process.getErrorStream(), MAX_ERROR);
    int quiet = 0;
    while (true) {
      boolean over = !process.isAlive();
      boolean printed = output.read();
      boolean more = error.read() || printed;
      if (output.size() > MAX_OUTPUT) {
        throw new CredentialException(
            "the credential helper " + program() + " printed more than " + MAX_OUTPUT + " bytes");
      }
      quiet = over && !more ? quiet + 1 : 0;
      if (quiet > QUIET_POLLS) {
        return new Run(process.exitValue(), output.text(), error.text());
      }
      if (System.nanoTime() - end > 0) {
        throw new CredentialException(
            "the credential helper "
                + program()
                + " did not end within "
                + limit.toSeconds()
                + " s and was killed; run it by hand: echo "
                + server
                + " | "
                + program()
                + " get");
      }
      if (!more) {
        Thread.sleep(POLL_MILLIS);
      }
    }
  }

  private static void write(OutputStream input, ServerAddress server) {
    try (input) {
      input.write(server.text().getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // It has ended or closed its input already; its exit code and output tell.
    }
  }

  private static void kill(Process process) {
    if (process.isAlive()) {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  /** What has come through a pipe, up to a limit; the rest is dropped. */
  private static final class Pipe {
    private final InputStream stream;
    private final byte[] buffer;
    private int size;

    Pipe(InputStream stream, int limit) {
      this.stream = stream;
      this.buffer = new byte[limit];
    }

    /** Takes what is there without waiting; whether anything was. */
    boolean read() {
      try {
        byte[] piece = stream.readNBytes(Math.min(stream.available(), MAX_OUTPUT));
        int taken = Math.min(piece.length, buffer.length - size);
        System.arraycopy(piece, 0, buffer, size, taken);
        size += taken;
        return piece.length > 0;
      } catch (IOException e) {
        return false;
      }
    }

    int size() {
      return size;
    }

    String text() {
      return new String(buffer, 0, size, StandardCharsets.UTF_8);
    }
  }
}
