package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;

/**
 * The file of a download under way: written in any order, hashed from the front, and given the
 * blob's name once the hash is right. Methods that write or hash are called by one thread at a
 * time; readers use {@link #file} meanwhile.
 */
public final class PartFile implements AutoCloseable {
  /*
   * The hash runs over the contiguous prefix. Bytes that arrive where it stands are hashed from
   * memory before they are written; bytes that arrived ahead of it (segments) are read back from
   * the file, and so from the page cache, once the gap before them is closed.
   *
   * Commit: length and digest are proven -> fdatasync -> mode 0440 -> rename -> fsync of the
   * directory. A crash before the rename leaves a part file, which is taken up again; a crash
   * after it leaves a blob without an index entry, which is adopted. After a failed fdatasync the
   * file is given up, never synced again: the kernel may have dropped the dirty pages and report
   * success the second time (fsyncgate).
   */

  private static final int READ_BACK = 256 * 1024;

  private final BlobStore store;
  private final StorageLayout layout;
  private final Digest digest;
  private final BlobFile file;
  private final PresentRanges written;
  private MessageDigest hash;
  private long hashedTo;

  private PartFile(
      BlobStore store, StorageLayout layout, Digest digest, BlobFile file, PresentRanges written) {
    this.store = store;
    this.layout = layout;
    this.digest = digest;
    this.file = file;
    this.written = written;
    this.hash = digest.algorithm().newMessageDigest();
  }

  static PartFile open(BlobStore store, StorageLayout layout, Digest digest) throws IOException {
    Path path = layout.part(digest);
    PresentRanges present = PartState.read(layout.partState(digest));
    FileChannel channel =
        FileChannel.open(
            path, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
    PresentRanges written = new PresentRanges();
    long length = channel.size();
    for (PresentRanges.Range run : present.runs()) {
      written.add(run.start(), Math.min(run.end(), length));
    }
    return new PartFile(store, layout, digest, new BlobFile(channel, -1), written);
  }

  /** The digest the bytes must have. */
  public Digest digest() {
    return digest;
  }

  /** The open file, for readers; take a reference to outlive {@link #close}. */
  public BlobFile file() {
    return file;
  }

  /** Which bytes an earlier download left here; to be asked before anything is written. */
  public PresentRanges present() {
    PresentRanges copy = new PresentRanges();
    written.runs().forEach(run -> copy.add(run.start(), run.end()));
    return copy;
  }

  /**
   * Writes consecutive bytes and hashes them if they are next. Their positions are used up.
   *
   * @throws IOException if the disk refuses; the file is then of no more use for writing
   */
  public void write(long offset, ByteBuffer[] bytes) throws IOException {
    long length = 0;
    for (ByteBuffer piece : bytes) {
      if (offset + length == hashedTo) {
        hash.update(piece.duplicate());
        hashedTo += piece.remaining();
      }
      length += piece.remaining();
    }
    long end = offset + length;
    writeFully(offset, end, bytes);
    written.add(offset, end);
    catchUp();
  }

  private void writeFully(long offset, long end, ByteBuffer[] bytes) throws IOException {
    FileChannel channel = file.channel();
    // Gathering writes go to the channel's own position, which only this method uses.
    channel.position(offset);
    long remaining = end - offset;
    while (remaining > 0) {
      remaining -= channel.write(bytes);
    }
  }

  /**
   * Hashes what is in the file behind the hash, such as bytes of an earlier download.
   *
   * @throws IOException if the file cannot be read
   */
  public void catchUp() throws IOException {
    long end = written.endOfRunAt(hashedTo);
    if (end == hashedTo) {
      return;
    }
    ByteBuffer buffer = ByteBuffer.allocate((int) Math.min(READ_BACK, end - hashedTo));
    while (hashedTo < end) {
      buffer.clear().limit((int) Math.min(buffer.capacity(), end - hashedTo));
      int read = file.channel().read(buffer, hashedTo);
      if (read <= 0) {
        throw new IOException("the file of " + digest + " has become shorter than it was");
      }
      hash.update(buffer.flip());
      hashedTo += read;
    }
  }

  /** How many bytes from the front have been hashed. */
  public long hashedTo() {
    return hashedTo;
  }

  /**
   * Whether exactly {@code size} bytes have been hashed and have the digest. Ends the hash: ask
   * once.
   */
  public boolean verify(long size) {
    return hashedTo == size && Digest.ofHash(digest.algorithm(), hash.digest()).equals(digest);
  }

  /**
   * Makes the verified file the blob, durably, and leaves the part file's name. The store keeps its
   * descriptor for the next readers.
   *
   * @throws IOException if the disk refuses; the bytes are then not in the store
   */
  public void commit(long size) throws IOException {
    file.channel().truncate(size);
    file.channel().force(false);
    Path part = layout.part(digest);
    Files.setPosixFilePermissions(part, PosixFilePermissions.fromString("r--r-----"));
    Path fanOut = layout.fanOut(digest);
    boolean isNew = Files.notExists(fanOut);
    if (isNew) {
      BlobStore.makeDirectory(fanOut);
    }
    Files.move(part, layout.blob(digest), StandardCopyOption.ATOMIC_MOVE);
    sync(fanOut);
    if (isNew) {
      sync(layout.blobs(digest.algorithm()));
    }
    Files.deleteIfExists(layout.partState(digest));
  }

  private static void sync(Path directory) throws IOException {
    try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
      channel.force(true);
    }
  }

  /** Writes down which bytes are here, so that another download can go on from them. */
  public void saveState() throws IOException {
    PartState.write(layout.partState(digest), written);
  }

  /** Forgets all bytes, to begin again from scratch. */
  public void restart() throws IOException {
    written.clear();
    hash = digest.algorithm().newMessageDigest();
    hashedTo = 0;
    Files.deleteIfExists(layout.partState(digest));
    file.channel().truncate(0);
  }

  /** Removes the file; readers that hold a reference go on reading. */
  public void discard() throws IOException {
    Files.deleteIfExists(layout.partState(digest));
    try {
      Files.delete(layout.part(digest));
    } catch (NoSuchFileException e) {
      // Somebody cleaned up before us.
    }
  }

  /** Ends the writing; the file itself stays open as long as readers hold references. */
  @Override
  public void close() {
    store.partClosed(this);
    file.release();
  }
}
