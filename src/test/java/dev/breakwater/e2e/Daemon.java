package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A child process that stays until it is stopped. It is ended with everything it has started
 * itself, by pid, also when the test JVM is interrupted.
 */
public final class Daemon implements AutoCloseable {
  private static final long GRACE_SECONDS = 20;
  private static final int PROBES = 600;

  private final String name;
  private final Path log;
  private final Process process;
  private final Thread onExit = new Thread(this::kill);

  private Daemon(String name, Path log, Process process) {
    this.name = name;
    this.log = log;
    this.process = process;
    Runtime.getRuntime().addShutdownHook(onExit);
  }

  /** Starts {@code words}; what it writes is appended to {@code log}. */
  public static Daemon start(
      String name, Path log, Map<String, String> environment, List<String> words) {
    try {
      ProcessBuilder builder =
          new ProcessBuilder(words)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
      Environment.isolate(builder.environment());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      return new Daemon(name, log, process);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start " + name, e);
    }
  }

  /** Waits until {@code ready} holds; fails at once when the process ends, in the end otherwise. */
  public Daemon awaitReady(BooleanSupplier ready) {
    try {
      for (int probe = 0; probe < PROBES; probe++) {
        if (ready.getAsBoolean()) {
          return this;
        }
        if (process.waitFor(50, TimeUnit.MILLISECONDS)) {
          break;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    String state = process.isAlive() ? "is not ready" : "ended with " + process.exitValue();
    close();
    throw new AssertionError(name + " " + state + "; " + log + " says:\n" + lastLines());
  }

  /** Its process id. */
  public long pid() {
    return process.pid();
  }

  /** SIGKILL, to it and to what it has started. */
  void kill() {
    try (Stream<ProcessHandle> children = process.descendants()) {
      List<ProcessHandle> all = children.toList();
      process.destroyForcibly();
      all.forEach(ProcessHandle::destroyForcibly);
    }
    await();
  }

  /** SIGTERM, without waiting. */
  void terminate() {
    process.destroy();
  }

  /** Waits for its end; its exit code. */
  int awaitEnd() {
    await();
    return process.exitValue();
  }

  /** Whether it ends by itself within so many milliseconds. */
  boolean endsWithin(long millis) throws InterruptedException {
    return process.waitFor(millis, TimeUnit.MILLISECONDS);
  }

  /** SIGTERM, and SIGKILL for a process that does not end. */
  @Override
  public void close() {
    List<ProcessHandle> children;
    try (Stream<ProcessHandle> all = process.descendants()) {
      children = all.toList();
    }
    process.destroy();
    if (!await()) {
      process.destroyForcibly();
    }
    children.stream().filter(ProcessHandle::isAlive).forEach(ProcessHandle::destroyForcibly);
    await();
    forget();
  }

  private boolean await() {
    try {
      return process.waitFor(GRACE_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private void forget() {
    try {
      Runtime.getRuntime().removeShutdownHook(onExit);
    } catch (IllegalStateException ignored) {
      // The JVM is already going down, and with it the hook.
    }
  }

  private String lastLines() {
    try {
      List<String> lines = Files.readAllLines(log);
      return String.join("\n", lines.subList(Math.max(0, lines.size() - 20), lines.size()));
    } catch (IOException e) {
      return e.toString();
    }
  }
}
