package dev.breakwater.logging;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.config.LogConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.config.LogLevel;
import dev.breakwater.testing.RestoredLogging;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

@ExtendWith(RestoredLogging.class)
class LogSetupTest {
  private final PrintStream original = System.out;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  @AfterEach
  void restoreOutput() {
    System.setOut(original);
  }

  @Test
  void linesAreOnStandardOutputWhenLoggingIsClosed() {
    String written = written(LogFormat.JSON, LogLevel.INFO);

    assertThat(written.lines()).hasSize(2);
    assertThat(written).contains("\"msg\":\"ours info\"", "\"msg\":\"theirs info\"");
  }

  @Test
  void debugIsOurDebugNotThatOfTheLibraries() {
    assertThat(written(LogFormat.TEXT, LogLevel.DEBUG))
        .contains("ours debug", "theirs info")
        .doesNotContain("theirs debug");
  }

  @Test
  void lessImportantLinesAreLeftOut() {
    assertThat(written(LogFormat.TEXT, LogLevel.WARN)).isEmpty();
  }

  @Test
  void onlyAutoDependsOnTheTerminal() {
    for (boolean watched : new boolean[] {true, false}) {
      assertThat(LogSetup.effectiveFormat(LogFormat.TEXT, watched)).isEqualTo(LogFormat.TEXT);
      assertThat(LogSetup.effectiveFormat(LogFormat.JSON, watched)).isEqualTo(LogFormat.JSON);
    }
    assertThat(LogSetup.effectiveFormat(LogFormat.AUTO, true)).isEqualTo(LogFormat.TEXT);
    assertThat(LogSetup.effectiveFormat(LogFormat.AUTO, false)).isEqualTo(LogFormat.JSON);
  }

  @Test
  void whatIsPrintedBesideTheLogIsAJsonLineToo() throws Exception {
    PrintStream error = System.err;
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    System.setErr(new PrintStream(output, true, StandardCharsets.UTF_8));
    try (LogSetup logs = LogSetup.apply(new LogConfig(LogFormat.JSON, LogLevel.INFO))) {
      assertThat(logs).isNotNull();
      System.out.println("from a library");
      System.err.printf("WARNING: %s%n%n", "from the JDK");
      Thread broken =
          new Thread(
              () -> {
                throw new IllegalStateException("of a thread");
              },
              "broken");
      broken.start();
      broken.join();
    } finally {
      System.setErr(error);
    }

    ObjectMapper json = new ObjectMapper();
    List<JsonNode> lines = new ArrayList<>();
    for (String line : output.toString(StandardCharsets.UTF_8).lines().toList()) {
      lines.add(json.readTree(line));
    }
    assertThat(lines)
        .extracting(
            line -> line.get("level").asText(),
            line -> line.get("logger").asText(),
            line -> line.get("msg").asText())
        .containsExactly(
            tuple("info", "stdout", "from a library"),
            tuple("warn", "stderr", "WARNING: from the JDK"),
            tuple("error", "dev.breakwater.logging.LogSetup", "thread broken ended by an error"));
    assertThat(lines.getLast().get("error").asText())
        .contains("IllegalStateException: of a thread");
  }

  @Test
  void textLeavesTheStreamsOfTheProcessAlone() {
    PrintStream before = new PrintStream(output, true, StandardCharsets.UTF_8);
    System.setOut(before);
    try (LogSetup logs = LogSetup.apply(new LogConfig(LogFormat.TEXT, LogLevel.INFO))) {
      assertThat(logs).isNotNull();
      assertThat(System.out).isSameAs(before);
    }
    assertThat(System.out).isSameAs(before);
  }

  private String written(LogFormat format, LogLevel level) {
    System.setOut(new PrintStream(output, true, StandardCharsets.UTF_8));
    try (LogSetup logs = LogSetup.apply(new LogConfig(format, level))) {
      assertThat(logs).isNotNull();
      Logger ours = LoggerFactory.getLogger("dev.breakwater.Test");
      Logger theirs = LoggerFactory.getLogger("io.netty.Test");
      ours.info("ours info");
      ours.debug("ours debug");
      theirs.info("theirs info");
      theirs.debug("theirs debug");
    }
    return output.toString(StandardCharsets.UTF_8);
  }
}
