package dev.breakwater.testing;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * Immutable bytes that can be read from any offset; safe for all threads. Large content is made up
 * while it is read, so that hundreds of megabytes cost no heap.
 */
public abstract class Content {
  private static final int PIECE = 256 * 1024;

  private volatile @Nullable Digest digest;

  Content() {}

  /** These bytes; the array must not be changed afterwards. */
  public static Content of(byte[] bytes) {
    return new Bytes(bytes);
  }

  /** This text in UTF-8. */
  public static Content of(String text) {
    return new Bytes(text.getBytes(StandardCharsets.UTF_8));
  }

  /** Pseudo-random bytes, the same for the same seed and at the same offset, however long. */
  public static Content generated(long seed, long size) {
    return new GeneratedContent(seed, size);
  }

  /** A tar archive with one file of that content: a layer that real clients can unpack. */
  public static Content tar(String fileName, Content file) {
    return new TarContent(fileName, file);
  }

  /** How many bytes there are. */
  public abstract long size();

  /** Copies bytes out; the range must lie within the content. */
  public abstract void read(long offset, byte[] into, int at, int length);

  /** The SHA-256 digest, computed on the first call. */
  public final Digest digest() {
    Digest known = digest;
    if (known == null) {
      known = hash();
      digest = known;
    }
    return known;
  }

  private Digest hash() {
    MessageDigest running = DigestAlgorithm.SHA256.newMessageDigest();
    byte[] piece = new byte[(int) Math.min(PIECE, size())];
    for (long offset = 0; offset < size(); offset += piece.length) {
      int length = (int) Math.min(piece.length, size() - offset);
      read(offset, piece, 0, length);
      running.update(piece, 0, length);
    }
    return Digest.ofHash(DigestAlgorithm.SHA256, running.digest());
  }

  /** All bytes, for content that fits into an array. */
  public final byte[] bytes() {
    return bytes(0, Math.toIntExact(size()));
  }

  /** Some bytes. */
  public final byte[] bytes(long offset, int length) {
    byte[] all = new byte[length];
    read(offset, all, 0, length);
    return all;
  }

  private static final class Bytes extends Content {
    private final byte[] bytes;

    private Bytes(byte[] bytes) {
      this.bytes = bytes;
    }

    @Override
    public long size() {
      return bytes.length;
    }

    @Override
    public void read(long offset, byte[] into, int at, int length) {
      System.arraycopy(bytes, Math.toIntExact(offset), into, at, length);
    }
  }
}
