package dev.breakwater.index;

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A second process that runs a main class of the tests, for what must not happen in this one. */
final class ChildJvm implements AutoCloseable {
  private final Process process;
  private final BufferedReader output;

  private ChildJvm(Process process) {
    this.process = process;
    this.output = process.inputReader(StandardCharsets.UTF_8);
  }

  static ChildJvm run(Class<?> main, Path... arguments) throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("--enable-native-access=ALL-UNNAMED", "-Xmx128m", "-Xshare:auto"));
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    for (Path argument : arguments) {
      command.add(argument.toString());
    }
    return new ChildJvm(
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start());
  }

  /** The next line it printed; null at its end. */
  String line() throws Exception {
    return output.readLine();
  }

  /** Everything it printed from here to its end. */
  List<String> remainingLines() {
    return output.lines().toList();
  }

  int exitCode() throws Exception {
    return process.waitFor();
  }

  /** Kills it as {@code kill -9} does, and waits until it is gone. */
  void kill() {
    // By its handle: Process itself would close the pipes, and what it printed would be lost.
    process.toHandle().destroyForcibly();
    process.onExit().join();
  }

  @Override
  public void close() {
    kill();
  }
}
