package dev.breakwater.mirror;

import dev.breakwater.registry.Region;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;

/** Reads what an answer is made of. */
public final class Regions {
  private Regions() {}

  public static Buffer bytes(Region region) {
    return switch (region) {
      case Region.OfBuffer buffer -> buffer.buffer();
      case Region.OfFile file -> {
        try {
          ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
          while (bytes.hasRemaining()
              && file.file().read(bytes, file.offset() + bytes.position()) > 0) {
            // Until it is all here.
          }
          yield Buffer.buffer(bytes.array());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }
}
