package dev.breakwater.cli;

import dev.breakwater.access.Htpasswd;
import dev.breakwater.access.HtpasswdEditor;
import dev.breakwater.access.PasswordHash;
import dev.breakwater.app.StartupException;
import dev.breakwater.oci.DiskReason;
import dev.breakwater.oci.Quoted;
import java.io.Console;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code breakwater htpasswd}: makes, changes, removes and checks users who can log in. */
@Command(
    name = "htpasswd",
    mixinStandardHelpOptions = true,
    versionProvider = VersionText.class,
    description = {
      "Set the password of a user in the file that access.htpasswd names; the file and the user are"
          + " made if they are not there.",
      "The password is asked for on a terminal, and read from the first line of standard input"
          + " otherwise. A running server reads the file again within 5 s."
    },
    footer = {
      "",
      "Exit codes: 0 done, 1 failed or --check found something, 2 wrong flag or argument."
    })
final class HtpasswdCommand implements Callable<Integer> {
  private static final int LONGEST_LINE = 4096;

  @Spec private @Nullable CommandSpec spec;

  @Parameters(index = "0", paramLabel = "FILE", description = "The htpasswd file.")
  private Path file = Path.of("");

  @Parameters(index = "1", arity = "0..1", paramLabel = "USER", description = "The user's name.")
  private @Nullable String user;

  /** Other programs take the password here; to refuse it as unknown would print it. */
  @Parameters(index = "2", arity = "0..1", hidden = true)
  private @Nullable String password;

  @Option(
      names = "--check",
      description =
          "Change nothing: name the lines of the file that do not count or, with USER, tell whether"
              + " the password is the user's.")
  private boolean check;

  @Option(names = "--delete", description = "Remove the user.")
  private boolean delete;

  @Option(
      names = "--cost",
      paramLabel = "N",
      description =
          "Work that each check of the password takes, 4 to 14; one more is twice the work."
              + " Default: 10.")
  private int cost = PasswordHash.USUAL_COST;

  private final Terminal terminal;
  private final InputStream in;

  HtpasswdCommand(Terminal terminal, InputStream in) {
    this.terminal = terminal;
    this.in = in;
  }

  @Override
  public Integer call() throws StartupException {
    requireUsage();
    try {
      if (check) {
        return user == null ? checkFile() : checkPassword(user);
      }
      return delete ? remove(String.valueOf(user)) : put(String.valueOf(user));
    } catch (FileAlreadyExistsException e) {
      throw new StartupException(
          "the file is being changed by another command, or one was interrupted; if none runs,"
              + " delete "
              + Quoted.of(e.getFile()),
          e);
    } catch (IOException e) {
      throw new StartupException(
          Quoted.of(file.toString()) + " cannot be read or written (" + DiskReason.of(e) + ")", e);
    }
  }

  private void requireUsage() {
    if (password != null) {
      throw wrong(
          "a password in an argument can be read by others on this machine; leave it out, it is"
              + " asked for or read from standard input");
    }
    if (check && delete) {
      throw wrong("--check and --delete exclude each other");
    }
    if (user == null && !check) {
      throw wrong("the name of the user is missing");
    }
    Optional.ofNullable(user)
        .flatMap(Htpasswd::nameProblem)
        .ifPresent(
            problem -> {
              throw wrong(problem);
            });
    if (cost < PasswordHash.MIN_COST || cost > PasswordHash.MAX_COST) {
      throw wrong("--cost must be from " + PasswordHash.MIN_COST + " to " + PasswordHash.MAX_COST);
    }
  }

  private ParameterException wrong(String message) {
    if (spec == null) {
      throw new IllegalStateException("picocli sets the command");
    }
    return new ParameterException(spec.commandLine(), message);
  }

  private int put(String name) throws IOException, StartupException {
    PasswordHash hash = PasswordHash.of(newPassword(), cost);
    boolean isNew = HtpasswdEditor.put(file, name, hash);
    say((isNew ? "added " : "changed the password of ") + Quoted.of(name) + " in " + file);
    return 0;
  }

  private int remove(String name) throws IOException, StartupException {
    if (!Files.exists(file) || !HtpasswdEditor.remove(file, name)) {
      throw new StartupException(Quoted.of(name) + " is not in " + file);
    }
    say("removed " + Quoted.of(name) + " from " + file);
    return 0;
  }

  private Htpasswd users() throws IOException, StartupException {
    byte[] content = Files.readAllBytes(file);
    if (content.length > Htpasswd.MAX_BYTES) {
      throw new StartupException(Quoted.of(file.toString()) + " is larger than 1 MiB");
    }
    return Htpasswd.parse(content);
  }

  private int checkFile() throws IOException, StartupException {
    Htpasswd users = users();
    users.problems().forEach(this::say);
    say("users: " + users.hashes().size() + ", problems: " + users.problems().size());
    return users.problems().isEmpty() ? 0 : 1;
  }

  private int checkPassword(String name) throws IOException, StartupException {
    PasswordHash hash = users().hashes().get(name);
    if (hash == null) {
      throw new StartupException(
          Quoted.of(name) + " is not in " + file + ", or the line does not count: see --check");
    }
    boolean matches = hash.matches(ask("Password: "));
    say("the password is " + (matches ? "" : "not ") + "that of " + Quoted.of(name));
    return matches ? 0 : 1;
  }

  private byte[] newPassword() throws IOException, StartupException {
    byte[] first = ask("Password: ");
    if (console().isPresent() && !Arrays.equals(first, ask("Again: "))) {
      throw new StartupException("the two passwords are not the same; nothing was changed");
    }
    if (first.length == 0) {
      throw new StartupException("the password is empty; nothing was changed");
    }
    if (first.length > PasswordHash.LONGEST_PASSWORD) {
      throw new StartupException(
          "the password has more than "
              + PasswordHash.LONGEST_PASSWORD
              + " bytes, and bcrypt would ignore the rest; nothing was changed");
    }
    for (byte b : first) {
      if ((b >= 0 && b < ' ') || b == 0x7f) {
        throw new StartupException(
            "the password has a control character, which clients cannot send; nothing was changed");
      }
    }
    return first;
  }

  /** From the person at the terminal, else the first line of standard input. */
  private byte[] ask(String prompt) throws IOException, StartupException {
    Optional<Console> person = console();
    if (person.isPresent()) {
      char[] typed = person.get().readPassword(prompt);
      return typed == null ? new byte[0] : new String(typed).getBytes(StandardCharsets.UTF_8);
    }
    byte[] line = in.readNBytes(LONGEST_LINE);
    int end = 0;
    while (end < line.length && line[end] != '\n') {
      end++;
    }
    return Arrays.copyOf(line, end > 0 && line[end - 1] == '\r' ? end - 1 : end);
  }

  /** Only if standard input is the terminal, and not a pipe, a file or a test's bytes. */
  private Optional<Console> console() {
    return in.equals(System.in)
        ? Optional.ofNullable(System.console()).filter(Console::isTerminal)
        : Optional.empty();
  }

  private void say(String line) {
    terminal.out().println(line);
    terminal.out().flush();
  }
}
