package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** An external program that is run to its end. Not for daemons, see {@link Daemon}. */
public final class Command {
  private static final long LIMIT_MINUTES = 3;

  private final List<String> words = new ArrayList<>();
  private final Map<String, String> environment = new LinkedHashMap<>();

  private Command() {}

  /** The program and its arguments, each by its {@code toString()}. */
  public static Command of(Object... words) {
    return new Command().and(words);
  }

  /** More arguments. */
  public Command and(Object... more) {
    for (Object word : more) {
      words.add(word.toString());
    }
    return this;
  }

  /** One more variable for the program's environment. */
  Command with(String variable, String value) {
    environment.put(variable, value);
    return this;
  }

  /** More variables for the program's environment. */
  Command with(Map<String, String> variables) {
    environment.putAll(variables);
    return this;
  }

  /**
   * Runs it and waits.
   *
   * @return what it wrote to standard output, without surrounding white space
   * @throws AssertionError with everything it wrote, when it exits with anything but 0
   */
  public String run() {
    Path out = temporary("out");
    Path err = temporary("err");
    try {
      ProcessBuilder builder =
          new ProcessBuilder(words).redirectOutput(out.toFile()).redirectError(err.toFile());
      Environment.isolate(builder.environment());
      builder.environment().putAll(environment);
      Process process = builder.start();
      process.getOutputStream().close();
      boolean ended = await(process);
      String output = Files.readString(out, UTF_8).strip();
      if (!ended || process.exitValue() != 0) {
        String verdict = ended ? "exit " + process.exitValue() : "no end";
        throw new AssertionError(
            String.join(" ", words)
                + ": "
                + verdict
                + "\n"
                + output
                + "\n"
                + Files.readString(err));
      }
      return output;
    } catch (IOException e) {
      throw new UncheckedIOException(words.getFirst(), e);
    } finally {
      delete(out);
      delete(err);
    }
  }

  private static boolean await(Process process) {
    try {
      return process.waitFor(LIMIT_MINUTES, TimeUnit.MINUTES);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      process.destroyForcibly();
    }
  }

  private static Path temporary(String suffix) {
    try {
      return Files.createTempFile("breakwater-e2e", suffix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void delete(Path file) {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
