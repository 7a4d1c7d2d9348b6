package dev.breakwater.http;

import io.netty.util.AsciiString;
import io.vertx.core.http.Http1ServerConfig;
import io.vertx.core.http.impl.http1.VertxHttpRequestDecoder;

/**
 * Vert.x' request decoder without its hole. The one of 5.2.0 recognises {@code Content-Length} and
 * {@code Content-Type} without looking at the byte after the hyphen, and then puts the real name in
 * the place of the one that was sent: a {@code Content-Xength: 38} becomes the length of a body
 * that swallows the next pipelined request, and nothing behind the decoder can tell (reliability.md
 * §0, finding 15). Here such a name stays what it is, and {@link FrontFilter} refuses it. To be
 * dropped when a release of Vert.x compares all bytes; RefusalTest tells.
 */
final class StrictRequestDecoder extends VertxHttpRequestDecoder {
  private static final int HYPHEN_END = "content-".length();
  private static final int TYPE_LENGTH = "content-type".length();
  private static final int LENGTH_LENGTH = "content-length".length();

  StrictRequestDecoder(ServerSettings.Limits limits, int maxChunkSize) {
    super(
        new Http1ServerConfig()
            .setMaxInitialLineLength(limits.requestLine())
            .setMaxHeaderSize(limits.headerBytes())
            .setMaxChunkSize(maxChunkSize));
  }

  @Override
  protected AsciiString splitHeaderName(byte[] line, int start, int length) {
    if ((length == TYPE_LENGTH && !isLetter(line[start + HYPHEN_END], 't'))
        || (length == LENGTH_LENGTH && !isLetter(line[start + HYPHEN_END], 'l'))) {
      return new AsciiString(line, start, length, true);
    }
    return super.splitHeaderName(line, start, length);
  }

  private static boolean isLetter(byte b, char lowerCase) {
    return b == lowerCase || b == Character.toUpperCase(lowerCase);
  }
}
