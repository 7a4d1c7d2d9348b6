package dev.breakwater.logging;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.LoggingEvent;
import ch.qos.logback.core.encoder.Encoder;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.slf4j.event.KeyValuePair;

class LogEncoderTest {
  private final ObjectMapper json =
      new ObjectMapper().enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
  private final Logger logger = new LoggerContext().getLogger("dev.breakwater.http.AccessLog");

  @Test
  void jsonLineHasThePairsAsFields() throws Exception {
    LoggingEvent event = event("pulled {}", null, "nginx");
    event.setKeyValuePairs(
        List.of(
            new KeyValuePair("status", 200),
            new KeyValuePair("bytes", 5_000_000_000L),
            new KeyValuePair("duration_s", 0.25),
            new KeyValuePair("hit", true),
            new KeyValuePair("ref", null),
            new KeyValuePair("ua", "docker \"x\"")));

    JsonNode line = json.readTree(encoded(new JsonLogEncoder(), event));

    assertThat(line.toString())
        .isEqualTo(
            "{\"ts\":\"2026-01-01T00:00:00Z\",\"level\":\"info\","
                + "\"logger\":\"dev.breakwater.http.AccessLog\",\"msg\":\"pulled nginx\","
                + "\"status\":200,\"bytes\":5000000000,\"duration_s\":0.25,\"hit\":true,"
                + "\"ref\":null,\"ua\":\"docker \\\"x\\\"\"}");
  }

  @Test
  void jsonLineIsOneLineWhateverTheMessageHolds() {
    String line =
        encoded(new JsonLogEncoder(), event("a\nb\u0000\u001b[31m", new RuntimeException("boom")));

    assertThat(line).endsWith("}\n").contains("RuntimeException: boom");
    assertThat(line.strip()).doesNotContain("\n", "\u0000", "\u001b");
  }

  @Test
  void fieldOfTheLineItselfIsNotOverwritten() throws Exception {
    LoggingEvent event = event("real", null);
    event.setKeyValuePairs(
        List.of(
            new KeyValuePair("msg", "forged"), new KeyValuePair("a", 1), new KeyValuePair("a", 2)));

    JsonNode line = json.readTree(encoded(new JsonLogEncoder(), event));

    assertThat(line.get("msg").asText()).isEqualTo("real");
    assertThat(line.get("a").asInt()).isEqualTo(1);
  }

  @Test
  void numbersHaveSensibleDigits() throws Exception {
    LoggingEvent event = event("request", null);
    event.setKeyValuePairs(
        List.of(
            new KeyValuePair("duration_s", 1.2339999),
            new KeyValuePair("ttfb_s", 0.000213499),
            new KeyValuePair("ratio", Double.NaN)));

    assertThat(encoded(new TextLogEncoder(), event))
        .endsWith("request duration_s=1.234 ttfb_s=0.000213 ratio=NaN\n");
    String line = encoded(new JsonLogEncoder(), event);
    assertThat(line).contains("\"duration_s\":1.234,\"ttfb_s\":0.000213,\"ratio\":\"NaN\"}");
    assertThat(json.readTree(line).get("ttfb_s").isNumber()).isTrue();
  }

  @Test
  void textLineHasLevelClassMessageAndPairs() {
    LoggingEvent event = event("pulled {}", null, "nginx");
    event.setKeyValuePairs(
        List.of(new KeyValuePair("status", 200), new KeyValuePair("ua", "docker 20")));

    assertThat(encoded(new TextLogEncoder(), event))
        .matches(
            "[0-9-]{10} [0-9:.]{12} INFO  AccessLog: pulled nginx status=200 ua=\"docker 20\"\n");
  }

  @Test
  void textLineCannotBeForged() {
    LoggingEvent event = event("a\nb\u001b[2J", null);
    event.setKeyValuePairs(List.of(new KeyValuePair("ua", "x\r\ny")));

    assertThat(encoded(new TextLogEncoder(), event))
        .endsWith("AccessLog: a\\u000ab\\u001b[2J ua=x\\u000d\\u000ay\n");
  }

  @Test
  void textTraceIsIndentedSoThatNoneOfItLooksLikeALine() {
    String text =
        encoded(new TextLogEncoder(), event("failed", new RuntimeException("first\nsecond")));

    assertThat(text.lines().skip(1)).isNotEmpty().allMatch(line -> line.startsWith("    "));
  }

  private LoggingEvent event(String message, Throwable thrown, Object... arguments) {
    LoggingEvent event =
        new LoggingEvent(getClass().getName(), logger, Level.INFO, message, thrown, arguments);
    event.setInstant(Instant.parse("2026-01-01T00:00:00Z"));
    return event;
  }

  private static String encoded(Encoder<ILoggingEvent> encoder, LoggingEvent event) {
    encoder.start();
    return new String(encoder.encode(event), StandardCharsets.UTF_8);
  }
}
