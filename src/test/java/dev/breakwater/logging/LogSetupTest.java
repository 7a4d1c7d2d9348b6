package dev.breakwater.logging;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.config.LogConfig;
import dev.breakwater.config.LogFormat;
import dev.breakwater.config.LogLevel;
import dev.breakwater.testing.RestoredLogging;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
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
    assertThat(LogSetup.effectiveFormat(LogFormat.TEXT)).isEqualTo(LogFormat.TEXT);
    assertThat(LogSetup.effectiveFormat(LogFormat.JSON)).isEqualTo(LogFormat.JSON);
    assertThat(LogSetup.effectiveFormat(LogFormat.AUTO)).isNotEqualTo(LogFormat.AUTO);
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
