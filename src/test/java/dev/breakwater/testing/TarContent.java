package dev.breakwater.testing;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Objects;

/**
 * A POSIX ustar archive of one regular file, laid out around content that is read in place: header
 * block, the file, zeros up to the next block and two blocks more.
 */
final class TarContent extends Content {
  private static final int BLOCK = 512;

  private final byte[] header;
  private final Content file;
  private final long size;

  TarContent(String fileName, Content file) {
    this.header = header(fileName, file.size());
    this.file = file;
    this.size = BLOCK + (file.size() + BLOCK - 1) / BLOCK * BLOCK + 2L * BLOCK;
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void read(long offset, byte[] into, int at, int length) {
    Objects.checkFromIndexSize(offset, length, size);
    long fileEnd = BLOCK + file.size();
    int done = 0;
    while (done < length) {
      long position = offset + done;
      int left = length - done;
      int step;
      if (position < BLOCK) {
        step = (int) Math.min(left, BLOCK - position);
        System.arraycopy(header, (int) position, into, at + done, step);
      } else if (position < fileEnd) {
        step = (int) Math.min(left, fileEnd - position);
        file.read(position - BLOCK, into, at + done, step);
      } else {
        step = left;
        java.util.Arrays.fill(into, at + done, at + length, (byte) 0);
      }
      done += step;
    }
  }

  private static byte[] header(String name, long size) {
    byte[] block = new byte[BLOCK];
    put(block, 0, name);
    put(block, 100, "0000644\0");
    put(block, 108, "0000000\0");
    put(block, 116, "0000000\0");
    // Octal up to 8 GiB, as every reader takes it.
    put(block, 124, String.format(Locale.ROOT, "%011o\0", size));
    put(block, 136, "00000000000\0");
    put(block, 148, "        ");
    put(block, 156, "0");
    put(block, 257, "ustar\00000");
    int sum = 0;
    for (byte b : block) {
      sum += b & 0xFF;
    }
    put(block, 148, String.format(Locale.ROOT, "%06o\0 ", sum));
    return block;
  }

  private static void put(byte[] block, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, at, bytes.length);
  }
}
