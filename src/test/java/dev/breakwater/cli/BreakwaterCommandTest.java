package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.testing.RestoredLogging;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.FilterWriter;
import java.io.PipedReader;
import java.io.PipedWriter;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line as a user meets it. */
@ExtendWith(RestoredLogging.class)
@Timeout(60)
class BreakwaterCommandTest {
  @TempDir Path directory;

  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();
  private Map<String, String> environment = Map.of();
  private boolean interactive = true;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "serve",
        "config",
        "config print",
        "config verify",
        "fsck",
        "gc",
        "du",
        "htpasswd",
        "client-config",
        "help"
      })
  void helpIsEverywhere(String command) {
    String[] args = (command + " --help").strip().split(" ");

    assertThat(run(args)).isZero();
    assertThat(out.toString()).startsWith(("Usage: breakwater " + command).strip());
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "serve",
        "config",
        "config print",
        "fsck",
        "gc",
        "du",
        "htpasswd",
        "client-config",
        "help"
      })
  void helpCommandPrintsTheHelpOfAnyOther(String command) {
    assertThat(run(("help " + command).strip().split(" "))).isZero();
    String told = out.toString();
    out.getBuffer().setLength(0);
    run((command + " --help").strip().split(" "));

    assertThat(told).isEqualTo(out.toString()).isNotEmpty();
    assertThat(err.toString()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"srve", "help srve"})
  void mistypedCommandIsOneLineWithASuggestion(String arguments) {
    assertThat(run(arguments.split(" "))).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: unknown command 'srve'; did you mean serve? See 'breakwater --help'.\n");
  }

  @Test
  void argumentOfACommandThatTakesNoneIsOneLine() {
    assertThat(run("du", "x")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("breakwater: unexpected argument 'x'. See 'breakwater du --help'.\n");
  }

  @Test
  void failureThatWasNotForeseenNamesNoJavaClass() {
    Writer broken =
        new FilterWriter(Writer.nullWriter()) {
          @Override
          public void write(String text, int offset, int length) {
            throw new IllegalStateException("broken");
          }
        };
    Terminal terminal = new Terminal(new PrintWriter(broken), new PrintWriter(err), environment);

    assertThat(BreakwaterCommand.run(terminal, "config", "print")).isEqualTo(1);
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: internal error; run it again with --verbose and report what that shows\n");
  }

  @Test
  void versionIsTold() {
    assertThat(run("--version")).isZero();
    assertThat(out.toString()).startsWith("breakwater ").contains("Java ");
  }

  @Test
  void helpOfServeNamesEveryFlag() {
    run("serve", "--help");
    assertThat(out.toString())
        .contains("--config=FILE", "--listen=HOST:PORT", "--admin=HOST:PORT", "--data=DIR")
        .contains("--max-size=SIZE", "--upstream=NAME=URL");
  }

  @Test
  void noCommandIsWrongUsage() {
    assertThat(run()).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo("breakwater: missing required subcommand. See 'breakwater --help'.\n");
  }

  @Test
  void mistypedFlagIsOneLineWithASuggestion() {
    assertThat(run("serve", "--lisen")).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: unknown option: '--lisen'; did you mean --listen?"
                + " See 'breakwater serve --help'.\n");
  }

  @Test
  void wrongValueOfAFlagIsOneLine() {
    assertThat(run("serve", "--max-size", "lots")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("breakwater: --max-size: \"lots\" is neither")
        .hasLineCount(1);
  }

  @Test
  void missingFileIsOneLine() {
    Path missing = directory.resolve("missing.yaml");
    assertThat(run("serve", "--config", missing.toString())).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: configuration file "
                + missing
                + " does not exist; give another one with --config\n");
  }

  @Test
  void stackTraceIsShownOnRequestOnly() {
    assertThat(run("--verbose", "serve", "--listen", "x")).isEqualTo(2);
    assertThat(err.toString())
        .startsWith("breakwater: --listen: ")
        .contains("\tat dev.breakwater.");
  }

  @Test
  void usedDataDirectoryIsOneLineAndAnotherExitCode() throws Exception {
    try (DataDirectoryLock lock = DataDirectoryLock.acquire(directory)) {
      assertThat(lock).isNotNull();
      assertThat(run("serve", "--data", directory.toString())).isEqualTo(1);
    }
    assertThat(err.toString())
        .startsWith("breakwater: data directory " + directory + " is in use by process ")
        .hasLineCount(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aServerWhoseLinesAProgramReadsFailsWithAJsonLineAlone(boolean configured) throws Exception {
    interactive = configured;
    environment = configured ? Map.of("BREAKWATER_LOG_FORMAT", "json") : Map.of();
    try (DataDirectoryLock lock = DataDirectoryLock.acquire(directory)) {
      assertThat(lock).isNotNull();
      for (String[] wrong :
          new String[][] {
            {"serve", "--data", directory.toString()},
            {"serve", "--config", directory.resolve("missing.yaml").toString()},
            {"serve", "--lisen"}
          }) {
        String printed = printedBy(() -> assertThat(run(wrong)).isPositive());
        JsonNode line = new ObjectMapper().readTree(printed);
        assertThat(printed).hasLineCount(1);
        assertThat(line.get("level").asText()).isEqualTo("error");
        assertThat(line.get("msg").asText())
            .containsAnyOf("is in use by process", "does not exist", "did you mean --listen?");
      }
    }
    assertThat(out.toString() + err).isEmpty();
  }

  @Test
  void commandsThatArePartOfAScriptFailWithText() {
    interactive = false;
    assertThat(run("config", "verify", "/missing.yaml")).isEqualTo(2);
    assertThat(err.toString()).startsWith("breakwater: configuration file /missing.yaml");
  }

  @ParameterizedTest
  @ValueSource(strings = {"--listen", "--admin"})
  void takenAddressIsOneLineThatNamesTheFlag(String flag) throws Exception {
    String other = flag.equals("--listen") ? "--admin" : "--listen";
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      String address = "127.0.0.1:" + taken.getLocalPort();
      assertThat(run("serve", "--data", directory.toString(), flag, address, other, "127.0.0.1:0"))
          .isEqualTo(1);
      assertThat(err.toString().lines().filter(line -> line.startsWith("breakwater: ")))
          .singleElement()
          .asString()
          .contains("cannot listen on " + address)
          .contains("in use")
          .endsWith("free it or choose another address with " + flag);
    }
  }

  @Test
  void validFileIsVerified() {
    assertThat(run("config", "verify", "conf/breakwater.yaml")).isZero();
    assertThat(out.toString()).isEqualTo("conf/breakwater.yaml is valid\n");
  }

  @Test
  void invalidFileIsRefusedWithItsLine() throws Exception {
    Path file = Files.writeString(directory.resolve("bad.yaml"), "cache:\n  maxsize: 1GiB\n");
    assertThat(run("config", "verify", file.toString())).isEqualTo(2);
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: " + file + " line 2: unknown key cache.maxsize; did you mean maxSize?\n");
  }

  @Test
  void eachErrorOfAFileIsALine() throws Exception {
    Path file =
        Files.writeString(directory.resolve("bad.yaml"), "log: {level: x}\ncache: {tagTtl: y}\n");
    assertThat(run("config", "verify", file.toString())).isEqualTo(2);
    assertThat(err.toString().lines())
        .hasSize(2)
        .allMatch(line -> line.startsWith("breakwater: " + file + " line "));
  }

  @Test
  void fileOfTheEnvironmentIsReadUnlessAFlagNamesAnother() throws Exception {
    Path one = Files.writeString(directory.resolve("one.yaml"), "cache: {maxSize: 1GiB}");
    Path two = Files.writeString(directory.resolve("two.yaml"), "cache: {maxSize: 2GiB}");
    environment = Map.of("BREAKWATER_CONFIG", one.toString());

    run("config", "print");
    assertThat(out.toString()).contains("  maxSize: 1GiB  # " + one + " line 1\n");
    run("config", "print", "--config", two.toString());
    assertThat(out.toString()).contains("  maxSize: 2GiB  # " + two + " line 1\n");
  }

  @Test
  void printShowsTheSourcesAndWarns() {
    environment = Map.of("REGISTRY_AUTH", "htpasswd", "BREAKWATER_LOG_LEVEL", "warn");

    assertThat(run("config", "print", "--data", "/here")).isZero();
    assertThat(out.toString())
        .contains("  directory: /here  # --data\n", "  level: warn  # BREAKWATER_LOG_LEVEL\n");
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: warning: REGISTRY_AUTH is ignored: it means nothing to Breakwater\n");
  }

  @Test
  void serveRunsUntilItIsStoppedAndLeavesNothingLocked() throws Exception {
    environment = Map.of("BREAKWATER_LOG_FORMAT", "text", "BREAKWATER_LOG_LEVEL", "warn");
    PipedReader lines = new PipedReader();
    Terminal terminal =
        new Terminal(
            new PrintWriter(new PipedWriter(lines), true), new PrintWriter(err), environment, true);
    String[] args = {
      "serve", "--data", directory.toString(), "--listen", "127.0.0.1:0", "--admin", "127.0.0.1:0"
    };
    CompletableFuture<Integer> exitCode = new CompletableFuture<>();
    Thread server = new Thread(() -> exitCode.complete(BreakwaterCommand.run(terminal, args)));
    server.start();

    BufferedReader banner = new BufferedReader(lines);
    assertThat(banner.readLine()).startsWith("Breakwater ").endsWith(" is ready");
    assertThat(banner.readLine())
        .as("the port that was bound")
        .matches("  clients +http://.*:[1-9][0-9]*");
    server.interrupt();

    assertThat(exitCode.get()).isZero();
    DataDirectoryLock.acquire(directory).close();
  }

  private int run(String... args) {
    return BreakwaterCommand.run(
        new Terminal(new PrintWriter(out), new PrintWriter(err), environment, interactive), args);
  }

  /** What is written to standard output itself meanwhile, past the terminal of the test. */
  private String printedBy(Runnable action) {
    PrintStream original = System.out;
    ByteArrayOutputStream printed = new ByteArrayOutputStream();
    System.setOut(new PrintStream(printed, true, StandardCharsets.UTF_8));
    try {
      action.run();
    } finally {
      System.setOut(original);
    }
    return printed.toString(StandardCharsets.UTF_8);
  }
}
