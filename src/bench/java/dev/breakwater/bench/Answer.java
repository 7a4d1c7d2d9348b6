package dev.breakwater.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The answer to one request as it comes off a connection: status and length are understood, the
 * body is counted, and kept only if there is a place for it. Used by one thread.
 */
final class Answer {
  private static final int LARGEST_HEAD = 16 * 1024;
  private static final String END_OF_HEAD = "\r\n\r\n";

  private final boolean bodyless;
  private final @Nullable ByteBuffer place;
  private final StringBuilder head = new StringBuilder();
  private long length = -1;
  private long received;

  /**
   * An answer that is about to come.
   *
   * @param bodyless whether it is the answer to a HEAD
   * @param place where its body goes, or null to drop it
   */
  Answer(boolean bodyless, @Nullable ByteBuffer place) {
    this.bodyless = bodyless;
    this.place = place;
  }

  /** Takes all these bytes; fails for any answer but 200 with a length. */
  void take(ByteBuffer bytes) throws IOException {
    if (length < 0) {
      takeHead(bytes);
    }
    received += bytes.remaining();
    if (received > 0 && (bodyless || received > length)) {
      throw new IOException("more bytes than the " + length + " that were announced");
    }
    if (place == null) {
      bytes.position(bytes.limit());
    } else {
      place.put(bytes);
    }
  }

  private void takeHead(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      head.append((char) (bytes.get() & 0xFF));
      if (head.length() >= END_OF_HEAD.length()
          && head.indexOf(END_OF_HEAD, head.length() - END_OF_HEAD.length()) >= 0) {
        length = announcedLength();
        return;
      }
      if (head.length() > LARGEST_HEAD) {
        throw new IOException("no end of the answer's head");
      }
    }
  }

  private long announcedLength() throws IOException {
    if (head.indexOf(" 200 ") != "HTTP/1.1".length()) {
      throw new IOException("not answered by 200: " + head.toString().strip());
    }
    return head.toString()
        .lines()
        .map(line -> line.toLowerCase(Locale.ROOT))
        .filter(line -> line.startsWith("content-length:"))
        .map(line -> line.substring(line.indexOf(':') + 1).strip())
        .mapToLong(Long::parseLong)
        .findFirst()
        .orElseThrow(() -> new IOException("an answer without Content-Length"));
  }

  /** Whether a byte of the body is there, or the whole answer. */
  boolean begun() {
    return received > 0 || complete();
  }

  boolean complete() {
    return length >= 0 && (bodyless || received == length);
  }

  /** How many bytes of its body have come. */
  long received() {
    return received;
  }
}
