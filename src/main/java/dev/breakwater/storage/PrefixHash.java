package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.security.MessageDigest;

/**
 * The running hash of a blob, from its first byte on without a gap. Bytes that arrive where it
 * stands are hashed from memory; bytes that arrived ahead of it are read back from the file, and so
 * from the page cache, once the gap before them is closed. Used by one thread at a time.
 */
public final class PrefixHash {
  private static final int READ_BACK = 256 * 1024;

  private final Digest digest;
  private MessageDigest hash;
  private long position;

  /** A hash that has seen nothing. */
  public PrefixHash(Digest digest) {
    this.digest = digest;
    this.hash = digest.algorithm().newMessageDigest();
  }

  /** How many bytes have been hashed. */
  public long position() {
    return position;
  }

  /** Hashes what of these consecutive bytes comes next; the buffers' positions stay. */
  public void update(long offset, ByteBuffer[] bytes) {
    long at = offset;
    for (ByteBuffer piece : bytes) {
      long end = at + piece.remaining();
      if (at <= position && position < end) {
        ByteBuffer fresh = piece.duplicate();
        fresh.position(fresh.position() + (int) (position - at));
        hash.update(fresh);
        position = end;
      }
      at = end;
    }
  }

  /**
   * Reads the file up to {@code end} and hashes it.
   *
   * @throws IOException if it cannot be read that far
   */
  public void catchUp(FileChannel file, long end) throws IOException {
    if (end <= position) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_BACK, end - position));
    while (position < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - position));
      int read = file.read(buffer, position);
      if (read <= 0) {
        throw new IOException("the file of " + digest + " has become shorter than it was");
      }
      hash.update(buffer.flip());
      position += read;
    }
  }

  /** Whether exactly {@code size} bytes were hashed and have the digest. Ends the hash. */
  public boolean matches(long size) {
    return position == size && Digest.ofHash(digest.algorithm(), hash.digest()).equals(digest);
  }

  /** Begins again. */
  public void reset() {
    hash = digest.algorithm().newMessageDigest();
    position = 0;
  }
}
