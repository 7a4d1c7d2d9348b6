package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import java.io.IOException;
import java.net.URI;
import java.util.Map;

/** A Breakwater process with an empty data directory whose JVM has had time to warm up. */
final class Mirror implements AutoCloseable {
  private static final long LARGEST = 16_000_000;

  private final BreakwaterProcess process;

  private Mirror(BreakwaterProcess process) {
    this.process = process;
  }

  /** Starts it and pulls {@link LimitedUpstream#WARM_UP}, once cold and once warm. */
  static Mirror warm(Workspace workspace, LimitedUpstream upstream) throws IOException {
    Mirror mirror = new Mirror(BreakwaterProcess.start(workspace, upstream.uri(), Map.of()));
    try {
      Download download = new Download(LARGEST);
      for (int pull = 0; pull < 2; pull++) {
        for (Blob blob : LimitedUpstream.layers(mirror.uri(), LimitedUpstream.WARM_UP)) {
          download.of(blob, mirror.uri());
        }
      }
      return mirror;
    } catch (IOException | RuntimeException e) {
      mirror.close();
      throw e;
    }
  }

  URI uri() {
    return process.uri();
  }

  long pid() {
    return process.pid();
  }

  @Override
  public void close() {
    process.close();
  }
}
