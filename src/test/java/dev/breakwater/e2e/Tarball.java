package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Writes a ustar archive with fixed owners and times, so that equal content has equal bytes. */
final class Tarball {
  private static final int BLOCK = 512;

  private final OutputStream out;

  Tarball(OutputStream out) {
    this.out = out;
  }

  Tarball directory(String name) throws IOException {
    header(name + "/", '5', 0755, 0, "");
    return this;
  }

  Tarball symlink(String name, String target) throws IOException {
    header(name, '2', 0777, 0, target);
    return this;
  }

  Tarball text(String name, String text) throws IOException {
    byte[] bytes = text.getBytes(US_ASCII);
    return entry(name, 0644, bytes.length, new ByteArrayInputStream(bytes));
  }

  Tarball program(String name, Path file) throws IOException {
    try (InputStream content = Files.newInputStream(file)) {
      return entry(name, 0755, Files.size(file), content);
    }
  }

  /** A plain file of {@code size} bytes, read from {@code content}. */
  Tarball file(String name, long size, InputStream content) throws IOException {
    return entry(name, 0644, size, content);
  }

  /** Ends the archive; the stream stays open. */
  void end() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private Tarball entry(String name, int mode, long size, InputStream content) throws IOException {
    header(name, '0', mode, size, "");
    long copied = content.transferTo(out);
    if (copied != size) {
      throw new IllegalArgumentException(name + " has " + copied + " bytes, not " + size);
    }
    out.write(new byte[(int) ((BLOCK - size % BLOCK) % BLOCK)]);
    return this;
  }

  private void header(String name, char type, int mode, long size, String target)
      throws IOException {
    byte[] header = new byte[BLOCK];
    put(header, 0, name);
    put(header, 100, "%07o".formatted(mode));
    put(header, 108, "0000000");
    put(header, 116, "0000000");
    put(header, 124, "%011o".formatted(size));
    put(header, 136, "00000000000");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, target);
    put(header, 257, "ustar");
    put(header, 263, "00");
    int sum = 0;
    for (byte b : header) {
      sum += b & 0xff;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    out.write(header);
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(US_ASCII);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
