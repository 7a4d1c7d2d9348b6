package dev.breakwater.e2e;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A place in a body that is not passed before the test says so. */
final class Hold {
  private final long bytes;
  private final CountDownLatch reached = new CountDownLatch(1);
  private final CountDownLatch released = new CountDownLatch(1);

  Hold(long bytes) {
    this.bytes = bytes;
  }

  /** Waits until the first {@link #bytes} bytes of a body have been sent. */
  void awaitReached() throws InterruptedException {
    if (!reached.await(1, TimeUnit.MINUTES)) {
      throw new AssertionError("upstream was not asked for the blob");
    }
  }

  /** Lets this body and all later ones go on. */
  void release() {
    released.countDown();
  }

  /** Copies up to the hold and waits there. */
  void pass(InputStream body, OutputStream out) throws IOException, InterruptedException {
    long left = bytes;
    byte[] buffer = new byte[64 * 1024];
    while (left > 0) {
      int count = body.read(buffer, 0, (int) Math.min(buffer.length, left));
      if (count < 0) {
        return;
      }
      out.write(buffer, 0, count);
      left -= count;
    }
    out.flush();
    reached.countDown();
    released.await();
  }
}
