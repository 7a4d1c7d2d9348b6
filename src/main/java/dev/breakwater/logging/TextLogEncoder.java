package dev.breakwater.logging;

import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.classic.spi.ThrowableProxyUtil;
import ch.qos.logback.core.encoder.EncoderBase;
import dev.breakwater.oci.Amounts;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import org.slf4j.event.KeyValuePair;

/**
 * A log line for people: time, level, class, message, then {@code key=value}. Control characters of
 * the message are escaped, so that a client's text can neither forge a line nor move the cursor.
 */
final class TextLogEncoder extends EncoderBase<ILoggingEvent> {
  private static final byte[] NOTHING = {};

  private final DateTimeFormatter time =
      DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss.SSS").withZone(ZoneId.systemDefault());

  @Override
  public byte[] headerBytes() {
    return NOTHING;
  }

  @Override
  public byte[] encode(ILoggingEvent event) {
    StringBuilder line = new StringBuilder(160);
    line.append(time.format(Instant.ofEpochMilli(event.getTimeStamp())))
        .append(String.format(" %-5s ", event.getLevel()))
        .append(
            event.getLoggerName(),
            simpleNameAt(event.getLoggerName()),
            event.getLoggerName().length())
        .append(": ");
    escape(String.valueOf(event.getFormattedMessage()), line);
    List<KeyValuePair> pairs = event.getKeyValuePairs();
    if (pairs != null) {
      pairs.forEach(pair -> append(pair, line));
    }
    line.append('\n');
    if (event.getThrowableProxy() != null) {
      appendTrace(ThrowableProxyUtil.asString(event.getThrowableProxy()), line);
    }
    return line.toString().getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public byte[] footerBytes() {
    return NOTHING;
  }

  private static int simpleNameAt(String logger) {
    return logger.lastIndexOf('.') + 1;
  }

  private static void append(KeyValuePair pair, StringBuilder line) {
    String value =
        pair.value instanceof Double number && Double.isFinite(number)
            ? Amounts.number(number)
            : String.valueOf(pair.value);
    boolean quote = value.isEmpty() || value.indexOf(' ') >= 0;
    line.append(' ').append(pair.key).append(quote ? "=\"" : "=");
    escape(value, line);
    line.append(quote ? "\"" : "");
  }

  /** Stack traces keep their lines, each indented, so that none looks like a log line. */
  private static void appendTrace(String trace, StringBuilder line) {
    trace
        .lines()
        .forEach(
            text -> {
              line.append("    ");
              escape(text, line);
              line.append('\n');
            });
  }

  private static void escape(String text, StringBuilder line) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (Character.isISOControl(c)) {
        line.append(String.format("\\u%04x", (int) c));
      } else {
        line.append(c);
      }
    }
  }
}
