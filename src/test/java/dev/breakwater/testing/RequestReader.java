package dev.breakwater.testing;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.Serial;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads HTTP/1.1 requests from a connection, one after the other, and is strict about it: a client
 * that sends something doubtful shall hear of it in a test. Used by one thread.
 */
final class RequestReader {
  private static final int MAX_HEAD = 64 * 1024;
  private static final int MAX_BODY = 1024 * 1024;
  private static final String TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";

  private static final class Flaw extends Exception {
    @Serial private static final long serialVersionUID = 1L;

    private Flaw(String message) {
      super(message);
    }
  }

  private final InputStream in;
  private final Runnable continueRequested;
  private int headLeft;

  /**
   * A reader.
   *
   * @param continueRequested called when a body waits for {@code 100 Continue}
   */
  RequestReader(InputStream in, Runnable continueRequested) {
    this.in = new BufferedInputStream(in, 16 * 1024);
    this.continueRequested = continueRequested;
  }

  /** The next request, or null at the end of the stream. After a malformed one read no further. */
  @Nullable IncomingRequest next() throws IOException {
    headLeft = MAX_HEAD;
    try {
      String line = line();
      return line == null ? null : request(line);
    } catch (Flaw flaw) {
      return IncomingRequest.malformed(String.valueOf(flaw.getMessage()));
    }
  }

  private IncomingRequest request(String line) throws IOException, Flaw {
    String[] parts = line.split(" ", -1);
    if (parts.length != 3 || !parts[0].matches(TOKEN)) {
      throw new Flaw("bad request line");
    }
    if (!parts[2].matches("HTTP/1\\.[01]")) {
      throw new Flaw("bad version");
    }
    if (!parts[1].matches("/[!-~]*")) {
      throw new Flaw("target is not in origin form");
    }
    Headers headers = headers();
    if (parts[2].equals("HTTP/1.1") && headers.all("Host").size() != 1) {
      throw new Flaw("not exactly one Host");
    }
    int question = parts[1].indexOf('?');
    String path = question < 0 ? parts[1] : parts[1].substring(0, question);
    String query = question < 0 ? "" : parts[1].substring(question + 1);
    return new IncomingRequest(parts[0], path, query, parts[2], headers, body(headers), "");
  }

  private Headers headers() throws IOException, Flaw {
    List<Headers.Field> fields = new ArrayList<>();
    while (true) {
      String line = line();
      if (line == null) {
        throw new EOFException("closed within a request's head");
      }
      if (line.isEmpty()) {
        return Headers.of(fields);
      }
      int colon = line.indexOf(':');
      if (colon < 0 || !line.substring(0, colon).matches(TOKEN)) {
        throw new Flaw("bad header line");
      }
      fields.add(new Headers.Field(line.substring(0, colon), line.substring(colon + 1).trim()));
    }
  }

  private String body(Headers headers) throws IOException, Flaw {
    List<String> lengths = headers.all("Content-Length");
    List<String> encodings = headers.all("Transfer-Encoding");
    if (lengths.size() > 1 || encodings.size() > 1 || lengths.size() + encodings.size() > 1) {
      throw new Flaw("ambiguous body length");
    }
    if (lengths.isEmpty() && encodings.isEmpty()) {
      return "";
    }
    if (headers.first("Expect").filter(v -> v.equalsIgnoreCase("100-continue")).isPresent()) {
      continueRequested.run();
    }
    if (!encodings.isEmpty()) {
      if (!encodings.getFirst().equalsIgnoreCase("chunked")) {
        throw new Flaw("transfer encoding is not chunked");
      }
      return chunks();
    }
    if (!lengths.getFirst().matches("[0-9]{1,7}")) {
      throw new Flaw("bad or too large Content-Length");
    }
    return bytes(Integer.parseInt(lengths.getFirst()));
  }

  private String chunks() throws IOException, Flaw {
    StringBuilder body = new StringBuilder();
    while (true) {
      String size = line();
      if (size == null || !size.matches("[0-9a-fA-F]{1,6}")) {
        throw new Flaw("bad chunk size");
      }
      int length = Integer.parseInt(size, 16);
      if (length == 0) {
        headers();
        return body.toString();
      }
      body.append(bytes(length));
      if (body.length() > MAX_BODY) {
        throw new Flaw("body too large");
      }
      if (!"".equals(line())) {
        throw new Flaw("chunk does not end at its size");
      }
    }
  }

  private String bytes(int length) throws IOException, Flaw {
    if (length > MAX_BODY) {
      throw new Flaw("body too large");
    }
    byte[] body = in.readNBytes(length);
    if (body.length < length) {
      throw new EOFException("closed within a request's body");
    }
    return new String(body, StandardCharsets.ISO_8859_1);
  }

  /** A line without its CRLF; null if the stream ends where a line would begin. */
  private @Nullable String line() throws IOException, Flaw {
    StringBuilder line = new StringBuilder();
    while (true) {
      int b = in.read();
      if (b < 0) {
        if (line.isEmpty()) {
          return null;
        }
        throw new EOFException("closed within a line");
      }
      if (--headLeft < 0) {
        throw new Flaw("head too large");
      }
      boolean afterReturn = !line.isEmpty() && line.charAt(line.length() - 1) == '\r';
      if (afterReturn != (b == '\n')) {
        throw new Flaw("line does not end in CRLF");
      }
      if (afterReturn) {
        line.setLength(line.length() - 1);
        return line.toString();
      }
      line.append((char) b);
    }
  }
}
