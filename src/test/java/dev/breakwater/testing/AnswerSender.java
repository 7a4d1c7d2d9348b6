package dev.breakwater.testing;

import dev.breakwater.oci.ByteRange;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;

/** Puts answers on a connection's wire, faults and all. Used by the connection's thread. */
final class AnswerSender {
  /** What becomes of the connection. */
  enum Ending {
    /** The next request. */
    KEEP,
    /** An orderly end. */
    CLOSE,
    /** Broken off by FIN. */
    FIN,
    /** Broken off by RST. */
    RST
  }

  private static final int PIECE = 256 * 1024;
  private static final byte[] CRLF = {'\r', '\n'};
  private static final Map<Integer, String> REASONS =
      Map.ofEntries(
          Map.entry(200, "OK"),
          Map.entry(206, "Partial Content"),
          Map.entry(301, "Moved Permanently"),
          Map.entry(302, "Found"),
          Map.entry(304, "Not Modified"),
          Map.entry(307, "Temporary Redirect"),
          Map.entry(400, "Bad Request"),
          Map.entry(401, "Unauthorized"),
          Map.entry(403, "Forbidden"),
          Map.entry(404, "Not Found"),
          Map.entry(405, "Method Not Allowed"),
          Map.entry(416, "Range Not Satisfiable"),
          Map.entry(429, "Too Many Requests"),
          Map.entry(500, "Internal Server Error"),
          Map.entry(502, "Bad Gateway"),
          Map.entry(503, "Service Unavailable"),
          Map.entry(504, "Gateway Timeout"));

  private final Connection connection;
  private final OutputStream out;
  private byte[] buffer = new byte[0];
  private @Nullable Throttle throttle;

  AnswerSender(Connection connection, OutputStream out) {
    this.connection = connection;
    this.out = out;
  }

  /**
   * Sends an answer.
   *
   * @param counter told of each piece of the body just before it is written, so that a client never
   *     has bytes that are not counted
   */
  Ending send(IncomingRequest request, Answer answer, LongConsumer counter) throws IOException {
    if (!connection.pause(answer.delay()) || !pass(answer.gate())) {
      return Ending.FIN;
    }
    Cut hangUp = answer.hangUp();
    if (hangUp != null) {
      return ending(hangUp);
    }
    byte[] raw = answer.raw();
    if (raw != null) {
      out.write(raw);
      return Ending.FIN;
    }
    boolean closes = answer.closesAfterwards() || !request.keepsAlive();
    out.write(head(request, answer));
    if (!request.isHead() && answer.status() != 304) {
      Optional<Ending> broken = body(answer, counter);
      if (broken.isPresent()) {
        return broken.get();
      }
    }
    return closes ? Ending.CLOSE : Ending.KEEP;
  }

  private byte[] head(IncomingRequest request, Answer answer) {
    StringBuilder head = new StringBuilder(256);
    head.append("HTTP/1.1 ").append(answer.status()).append(' ');
    head.append(REASONS.getOrDefault(answer.status(), "Scripted")).append("\r\n");
    for (Headers.Field field : answer.headers().fields()) {
      head.append(field.name()).append(": ").append(field.value()).append("\r\n");
    }
    switch (answer.framing()) {
      case LENGTH -> {
        if (answer.status() != 304) {
          head.append("Content-Length: ").append(answer.announcedLength()).append("\r\n");
        }
      }
      case CHUNKED -> head.append("Transfer-Encoding: chunked\r\n");
      case CLOSE -> head.append("Connection: close\r\n");
    }
    if (!request.keepsAlive() && answer.framing() != Answer.Framing.CLOSE) {
      head.append("Connection: close\r\n");
    }
    return head.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
  }

  /** Sends the body; empty if it came to its end. */
  private Optional<Ending> body(Answer answer, LongConsumer counter) throws IOException {
    boolean chunked = answer.framing() == Answer.Framing.CHUNKED;
    long total = answer.totalBytes();
    long sent = 0;
    int incident = 0;
    while (true) {
      long next = Long.MAX_VALUE;
      while (incident < answer.incidents().size()) {
        Answer.Incident coming = answer.incidents().get(incident);
        if (coming.at() > sent) {
          next = coming.at();
          break;
        }
        incident++;
        Cut cut = coming.cut();
        if (cut != null) {
          return Optional.of(ending(cut));
        }
        if (!pass(coming.hold())) {
          return Optional.of(Ending.FIN);
        }
      }
      if (sent == total) {
        break;
      }
      int length = (int) Math.min(pieceOf(answer), Math.min(next, total) - sent);
      fill(answer, sent, length);
      if (!pace(answer, length, sent)) {
        return Optional.of(Ending.FIN);
      }
      counter.accept(length);
      write(length, chunked);
      sent += length;
    }
    if (chunked) {
      out.write("0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
    }
    return Optional.empty();
  }

  private void write(int length, boolean chunked) throws IOException {
    if (chunked) {
      String size = HexFormat.of().toHexDigits(length) + "\r\n";
      out.write(size.getBytes(StandardCharsets.US_ASCII));
    }
    out.write(buffer, 0, length);
    if (chunked) {
      out.write(CRLF);
    }
  }

  private int pieceOf(Answer answer) {
    if (answer.dripBytes() > 0) {
      return Math.min(PIECE, answer.dripBytes());
    }
    return answer.rate() > 0 ? throttle(answer.rate()).piece(PIECE) : PIECE;
  }

  private void fill(Answer answer, long from, int length) {
    if (buffer.length < length) {
      buffer = new byte[length];
    }
    int proper = Math.clamp(answer.length() - from, 0, length);
    answer.content().read(answer.offset() + from, buffer, 0, proper);
    Arrays.fill(buffer, proper, length, (byte) '+');
    for (ByteRange wrong : answer.wrongRanges()) {
      long end = Math.min(wrong.end(), from + length);
      for (long i = Math.max(wrong.first(), from); i < end; i++) {
        buffer[(int) (i - from)] ^= (byte) 0xFF;
      }
    }
  }

  private boolean pace(Answer answer, int length, long sent) {
    if (answer.dripBytes() > 0 && sent > 0 && !connection.pause(answer.dripInterval())) {
      return false;
    }
    return answer.rate() == 0
        || connection.pause(Duration.ofNanos(throttle(answer.rate()).book(length)));
  }

  private Throttle throttle(long rate) {
    Throttle current = throttle;
    if (current == null || current.bytesPerSecond() != rate) {
      current = new Throttle(rate);
      throttle = current;
    }
    return current;
  }

  private boolean pass(@Nullable Gate gate) {
    return gate == null || connection.hold(gate);
  }

  private static Ending ending(Cut cut) {
    return cut == Cut.FIN ? Ending.FIN : Ending.RST;
  }
}
