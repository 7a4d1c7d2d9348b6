package dev.breakwater.testing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Objects;

/** Pseudo-random bytes computed from their position: word i is SplitMix64's i-th output. */
final class GeneratedContent extends Content {
  private static final VarHandle WORDS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long GOLDEN_GAMMA = 0x9E3779B97F4A7C15L;

  private final long seed;
  private final long size;

  GeneratedContent(long seed, long size) {
    if (size < 0) {
      throw new IllegalArgumentException("size " + size + " is negative");
    }
    this.seed = mix(seed);
    this.size = size;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, byte[] into, int at, int length) {
    Objects.checkFromIndexSize(offset, length, size);
    long position = offset;
    int index = at;
    int end = at + length;
    while (index < end && (position & 7) != 0) {
      into[index++] = byteAt(position++);
    }
    while (end - index >= Long.BYTES) {
      WORDS.set(into, index, word(position >>> 3));
      index += Long.BYTES;
      position += Long.BYTES;
    }
    while (index < end) {
      into[index++] = byteAt(position++);
    }
  }

  private byte byteAt(long position) {
    return (byte) (word(position >>> 3) >>> ((position & 7) * 8));
  }

  private long word(long index) {
    return mix(seed + (index + 1) * GOLDEN_GAMMA);
  }

  private static long mix(long input) {
    long z = input;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
