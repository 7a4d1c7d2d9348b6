package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileStore;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Optional;
import java.util.Set;
import java.util.function.ObjLongConsumer;
import org.jspecify.annotations.Nullable;

/** The disk under the store: what is on it, and what is free. Looks at it afresh; blocking. */
public final class Volume {
  private final StorageLayout layout;

  /** Kept, because finding it means to read all mounts of the machine. */
  private final FileStore device;

  Volume(StorageLayout layout) throws IOException {
    this.layout = layout;
    this.device = Files.getFileStore(layout.data());
  }

  /** Bytes, in whole blocks, of all blobs and of what downloads left. */
  public long contentBytes() throws IOException {
    long[] total = {0};
    forEachBlob((digest, size) -> total[0] += Blocks.of(size));
    return total[0] + bytesBelow(layout.downloads(), Set.of());
  }

  /** Bytes, in whole blocks, of everything else below the data directory. */
  public long otherBytes() {
    return bytesBelow(layout.data(), Set.of(layout.blobs(), layout.downloads()));
  }

  /** Free bytes of the volume that the data directory is on. */
  public long usableBytes() throws IOException {
    return device.getUsableSpace();
  }

  /** All bytes of the volume that the data directory is on. */
  public long totalBytes() throws IOException {
    return device.getTotalSpace();
  }

  private void forEachBlob(ObjLongConsumer<Digest> visitor) throws IOException {
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      for (Path fanOut : Directories.list(layout.blobs(algorithm))) {
        visitFanOut(algorithm, fanOut, visitor);
      }
    }
  }

  private static void visitFanOut(
      DigestAlgorithm algorithm, Path fanOut, ObjLongConsumer<Digest> visitor) throws IOException {
    for (Path file : Directories.list(fanOut)) {
      Optional<Digest> digest = StorageLayout.digestOf(algorithm, file);
      if (digest.isPresent()) {
        visitor.accept(digest.get(), Files.size(file));
      }
    }
  }

  /** What vanishes meanwhile does not count. */
  private static long bytesBelow(Path root, Set<Path> without) {
    long[] total = {0};
    SimpleFileVisitor<Path> visitor =
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult preVisitDirectory(Path directory, BasicFileAttributes attributes) {
            return without.contains(directory)
                ? FileVisitResult.SKIP_SUBTREE
                : FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
            total[0] += Blocks.of(attributes.size());
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult visitFileFailed(Path file, IOException failure) {
            return FileVisitResult.CONTINUE;
          }

          @Override
          public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure) {
            return FileVisitResult.CONTINUE;
          }
        };
    try {
      Files.walkFileTree(root, visitor);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return total[0];
  }
}
