package dev.breakwater.e2e;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * The layers that {@link TestImages} are made of, as uncompressed archives and compressed blobs.
 */
final class Layers {
  /** More than 100 MB, and not to be compressed. */
  static final long LARGE = 101L << 20;

  /**
   * A layer.
   *
   * @param diffId digest of the uncompressed archive
   */
  record Layer(Blob blob, String diffId) {}

  private final Path directory;

  Layers(Path directory) {
    this.directory = directory;
  }

  /** A root filesystem in which busybox runs; those of two variants have different bytes. */
  Path busybox(String variant) {
    return archive(
        "busybox-" + variant,
        tar -> {
          for (String name : new String[] {"bin", "dev", "etc", "proc", "sys", "tmp"}) {
            tar.directory(name);
          }
          tar.program("bin/busybox", Path.of("/bin/busybox")).symlink("bin/sh", "busybox");
          tar.text("etc/variant", variant);
        });
  }

  /** One file that says which image it is in. */
  Path marker(String text) {
    return archive(text, tar -> tar.directory("etc").text("etc/marker", text + "\n"));
  }

  /** One file of {@link #LARGE} random bytes. */
  Path large() {
    return archive("large", tar -> tar.file("large", LARGE, new RandomBytes(LARGE)));
  }

  Layer gzip(Path archive, String mediaType) {
    Path file = archive.resolveSibling(archive.getFileName() + ".gz");
    // Level 0 is still gzip, and what cannot be compressed need not be tried.
    int level = archive.endsWith("large.tar") ? Deflater.NO_COMPRESSION : Deflater.BEST_SPEED;
    try (InputStream in = Files.newInputStream(archive);
        OutputStream out = new Gzip(Files.newOutputStream(file), level)) {
      in.transferTo(out);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return layer(archive, file, mediaType);
  }

  Layer zstd(Path archive, String mediaType) {
    Path file = archive.resolveSibling(archive.getFileName() + ".zst");
    Command.of("zstd", "-q", "-f", archive, "-o", file).run();
    return layer(archive, file, mediaType);
  }

  private static Layer layer(Path archive, Path compressed, String mediaType) {
    return new Layer(Blob.of(mediaType, compressed), Blob.of("", archive).digest());
  }

  private interface Content {
    void writeTo(Tarball tar) throws IOException;
  }

  private Path archive(String name, Content content) {
    Path file = directory.resolve(name + ".tar");
    try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
      Tarball tar = new Tarball(out);
      content.writeTo(tar);
      tar.end();
      return file;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static final class Gzip extends GZIPOutputStream {
    Gzip(OutputStream out, int level) throws IOException {
      super(out, 1 << 16);
      def.setLevel(level);
    }
  }

  /** The same bytes in every run. */
  private static final class RandomBytes extends InputStream {
    private final Random random = new Random(20260101);
    private long left;

    RandomBytes(long size) {
      this.left = size;
    }

    @Override
    public int read() {
      throw new UnsupportedOperationException("read in blocks");
    }

    @Override
    public int read(byte[] buffer, int offset, int length) {
      if (left == 0) {
        return -1;
      }
      byte[] bytes = new byte[(int) Math.min(length, left)];
      random.nextBytes(bytes);
      System.arraycopy(bytes, 0, buffer, offset, bytes.length);
      left -= bytes.length;
      return bytes.length;
    }
  }
}
