package dev.breakwater.upstream;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.Map;

/**
 * A credential helper that is a shell script in a directory of its own. It counts its runs and
 * notes what it was asked for.
 */
final class HelperScript {
  private final Path directory;
  private final String name;

  private HelperScript(Path directory, String name) {
    this.directory = directory;
    this.name = name;
  }

  /** Writes {@code docker-credential-NAME}; the commands may use the file {@code $dir/answer}. */
  static HelperScript in(Path directory, String name, String... commands) {
    HelperScript script = new HelperScript(directory, name);
    script.write(commands);
    return script;
  }

  /** One that prints the file {@code answer}, or fails while there is none. */
  static HelperScript answering(Path directory, String name) {
    return in(
        directory,
        name,
        "[ -f $dir/answer ] || { echo no answer today >&2; exit 3; }",
        "cat $dir/answer");
  }

  private void write(String... commands) {
    try {
      Path file = directory.resolve("docker-credential-" + name);
      Files.writeString(
          file,
          "#!/bin/sh\ndir="
              + directory
              + "\necho run >>$dir/runs\n[ \"$1\" = get ] || exit 9\ncat >$dir/asked\n"
              + String.join("\n", commands)
              + "\n");
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What it prints from now on. */
  void answer(String username, String secret) {
    try {
      Path next = directory.resolve("next");
      Files.writeString(
          next,
          "{\"ServerURL\":\"x\",\"Username\":\"%s\",\"Secret\":\"%s\"}\n"
              .formatted(username, secret));
      Files.move(next, directory.resolve("answer"), java.nio.file.StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** It fails from now on. */
  void fail() {
    try {
      Files.deleteIfExists(directory.resolve("answer"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** How often it has been run. */
  int runs() {
    return lines("runs");
  }

  private int lines(String file) {
    try {
      Path path = directory.resolve(file);
      return Files.exists(path) ? Files.readAllLines(path).size() : 0;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** What stood on its standard input. */
  String asked() {
    try {
      return Files.readString(directory.resolve("asked"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Variables with which it is found. */
  Map<String, String> environment(String... more) {
    Map<String, String> environment = new HashMap<>();
    environment.put("PATH", "relative:" + directory + ":/usr/bin:/bin");
    for (int i = 0; i < more.length; i += 2) {
      environment.put(more[i], more[i + 1]);
    }
    return environment;
  }
}
