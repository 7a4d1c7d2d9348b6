package dev.breakwater.mirror.download;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.internal.buffer.BufferInternal;
import java.nio.ByteBuffer;
import java.util.List;

/** Consecutive bytes of a blob for the writer. */
record Batch(long offset, List<Buffer> buffers, long length) {
  long end() {
    return offset + length;
  }

  /** A look into the buffers without a copy; they are never changed after they arrived. */
  ByteBuffer[] views() {
    ByteBuffer[] views = new ByteBuffer[buffers.size()];
    for (int i = 0; i < views.length; i++) {
      views[i] = ((BufferInternal) buffers.get(i)).getByteBuf().nioBuffer();
    }
    return views;
  }
}
