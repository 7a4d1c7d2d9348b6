package dev.breakwater.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.breakwater.oci.Amounts;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.slf4j.event.KeyValuePair;

/**
 * A log line for machines: one JSON object with {@code ts}, {@code level}, {@code logger}, {@code
 * msg}, the key-value pairs as fields of their own, numbers as numbers, and {@code error} with the
 * stack trace. Logback's own encoder nests the pairs in a list, where no log store finds them.
 */
final class JsonLogEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};
  private static final Set<String> TAKEN = Set.of("ts", "level", "logger", "msg", "error");

  private final JsonFactory json = new JsonFactory();

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    ByteArrayOutputStream line = new ByteArrayOutputStream(256);
    try (JsonGenerator generator = json.createGenerator(line)) {
      generator.writeStartObject();
      generator.writeStringField("ts", Instant.ofEpochMilli(event.getTimeStamp()).toString());
      generator.writeStringField("level", event.getLevel().toString().toLowerCase(Locale.ROOT));
      generator.writeStringField("logger", event.getLoggerName());
      generator.writeStringField("msg", event.getFormattedMessage());
      writePairs(event.getKeyValuePairs(), generator);
      if (event.getThrowableProxy() != null) {
        generator.writeStringField("error", ThrowableProxyUtil.asString(event.getThrowableProxy()));
      }
      generator.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException("writing to memory", e);
    }
    line.write('\n');
    return line.toByteArray();
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  /** A key counts once: a JSON object with a field twice is no JSON object to most readers. */
  private static void writePairs(List<KeyValuePair> pairs, JsonGenerator generator)
      throws IOException {
    if (pairs == null) {
      return;
    }
    Set<String> seen = new HashSet<>(TAKEN);
    for (KeyValuePair pair : pairs) {
      if (seen.add(pair.key)) {
        generator.writeFieldName(pair.key);
        write(pair.value, generator);
      }
    }
  }

  private static void write(Object value, JsonGenerator generator) throws IOException {
    switch (value) {
      case null -> generator.writeNull();
      case Integer number -> generator.writeNumber(number);
      case Long number -> generator.writeNumber(number);
      case Double number when Double.isFinite(number) ->
          generator.writeNumber(Amounts.number(number));
      case Boolean flag -> generator.writeBoolean(flag);
      default -> generator.writeString(value.toString());
    }
  }
}
