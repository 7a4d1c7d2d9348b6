package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** Reads blobs of the store again and compares them with their digests. Blocking. */
public record BlobCheck(StorageLayout layout, Pacing pacing) {
  private static final long STEP = 1024 * 1024;

  /** Told of what has been read, so that it may hold the reading back. */
  @FunctionalInterface
  public interface Pacing {
    /** No hurry is too much. */
    Pacing NONE = bytes -> {};

    /** So many bytes more have been read. */
    void read(long bytes) throws InterruptedException;
  }

  /** What was found. */
  public enum Verdict {
    /** The bytes have the digest. */
    SOUND,
    /** They do not, or the disk does not give them. */
    DAMAGED,
    /** There is no such file, or no longer. */
    ABSENT
  }

  /**
   * What was found out about a file.
   *
   * @param file which one it was; empty if there is none
   */
  public record Finding(Verdict verdict, Optional<FileIdentity> file) {}

  /**
   * Reads the blob to its end.
   *
   * @throws IOException if the file cannot be opened: that says nothing of its bytes
   */
  public Finding check(Digest digest) throws IOException, InterruptedException {
    Path path = layout.blob(digest);
    try {
      FileIdentity before = FileIdentity.of(path);
      try (FileChannel file = OpenBlobs.openFile(path)) {
        if (!FileIdentity.of(path).equals(before)) {
          throw new IOException("the file of " + digest + " was replaced while it was opened");
        }
        Verdict verdict = matches(file, digest) ? Verdict.SOUND : Verdict.DAMAGED;
        return new Finding(verdict, Optional.of(before));
      }
    } catch (NoSuchFileException e) {
      return new Finding(Verdict.ABSENT, Optional.empty());
    }
  }

  private boolean matches(FileChannel file, Digest digest)
      throws IOException, InterruptedException {
    PrefixHash hash = new PrefixHash(digest);
    long size = file.size();
    while (hash.position() < size) {
      long end = Math.min(size, hash.position() + STEP);
      long read = end - hash.position();
      try {
        hash.catchUp(file, end);
      } catch (ClosedByInterruptException e) {
        // A thread that is told to stop is no damage.
        throw (InterruptedException) new InterruptedException().initCause(e);
      } catch (IOException e) {
        return false;
      }
      pacing.read(read);
    }
    return hash.matches(size);
  }
}
