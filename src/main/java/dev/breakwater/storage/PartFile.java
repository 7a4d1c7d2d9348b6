package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The file of a download under way: written in any order, and given the blob's name once its bytes
 * are proven. Methods that write are called by one thread at a time; readers use {@link #file}
 * meanwhile.
 */
public final class PartFile implements AutoCloseable {
  /*
   * Commit: length and digest are proven -> fdatasync -> BlobStore.adopt -> state deleted. A crash
   * before the rename leaves a part file, which is taken up again; a crash after it leaves a blob
   * without an index entry, which is adopted. After a failed fdatasync the file is given up, never
   * synced again: the kernel may have dropped the dirty pages and report success the second time
   * (fsyncgate).
   *
   * Which bytes are here is written down beside the file from time to time, so that a download
   * goes on from them after kill -9 too.
   */

  /** A crash costs at most so many bytes fetched again. */
  private static final long STATE_EVERY = 16 * 1024 * 1024;

  private final PartFiles parts;
  private final StorageLayout layout;
  private final Digest digest;
  private final BlobFile file;
  private final PresentRanges written;
  private final boolean isStandIn;
  private final WriteBack writeBack;
  private final long found;
  private long unsaved;

  /** Of the file once its bytes are proven and synced; it may have the blob's name then. */
  private @Nullable FileIdentity proven;

  private boolean closed;

  PartFile(
      PartFiles parts,
      StorageLayout layout,
      Digest digest,
      BlobFile file,
      PresentRanges written,
      boolean isStandIn)
      throws IOException {
    this.parts = parts;
    this.layout = layout;
    this.digest = digest;
    this.file = file;
    this.written = written;
    this.isStandIn = isStandIn;
    this.writeBack = new WriteBack(file, parts.threads().writeBack());
    this.found = bytesOnDisk();
  }

  static PartFile open(PartFiles parts, StorageLayout layout, Digest digest) throws IOException {
    Path path = layout.part(digest);
    PresentRanges present = PartState.read(layout.partState(digest));
    FileChannel channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.READ,
            StandardOpenOption.WRITE,
            LinkOption.NOFOLLOW_LINKS);
    PresentRanges written = new PresentRanges();
    long length = channel.size();
    for (PresentRanges.Range run : present.runs()) {
      written.add(run.start(), Math.min(run.end(), length));
    }
    return new PartFile(parts, layout, digest, new BlobFile(channel, -1), written, false);
  }

  /** Opens the file for reading if these bytes are written down as present. */
  static Optional<BlobFile> openPresent(
      StorageLayout layout, Digest digest, long from, long to, long size) throws IOException {
    PresentRanges present = PartState.read(layout.partState(digest));
    if (present.endOfRunAt(from) < to || present.end() > size) {
      return Optional.empty();
    }
    FileChannel channel;
    try {
      channel =
          FileChannel.open(layout.part(digest), StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
    BlobFile file = new BlobFile(channel, -1);
    if (channel.size() < to) {
      file.release();
      return Optional.empty();
    }
    return Optional.of(file);
  }

  /** The digest the bytes must have. */
  public Digest digest() {
    return digest;
  }

  /**
   * What the file and its state take of the disk now, in whole blocks; gaps in the file count as if
   * they were written.
   */
  public long bytesOnDisk() throws IOException {
    Path state = layout.partState(digest);
    return isStandIn
        ? 0
        : Blocks.of(layout.part(digest))
            + (hasName() ? Blocks.of(layout.blob(digest)) : 0)
            + Blocks.of(state)
            + Blocks.of(StorageLayout.temporary(state));
  }

  /** The same as it was when the file was opened. */
  public long bytesFound() {
    return found;
  }

  /** What a blob of this size takes at the most while it is downloaded. */
  public static long bytesToReserve(long size) {
    // The file, its state, and the state's next version.
    return Blocks.sum(Blocks.of(size), 2 * Blocks.SIZE);
  }

  /** What it takes once it is committed. */
  public static long bytesOfBlob(long size) {
    return Blocks.of(size);
  }

  private boolean hasName() throws IOException {
    return proven != null && proven.isAt(layout.blob(digest));
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

  /** Where the run of bytes ends that begins at {@code offset} or contains it. */
  public long endOfRunAt(long offset) {
    return written.endOfRunAt(offset);
  }

  /**
   * Writes consecutive bytes; uses up the buffers.
   *
   * @throws IOException if the disk refuses; the file is then of no more use for writing
   */
  public void write(long offset, ByteBuffer[] bytes) throws IOException {
    if (isStandIn) {
      throw new IOException("there is no file to write " + digest + " to");
    }
    long length = 0;
    for (ByteBuffer piece : bytes) {
      length += piece.remaining();
    }
    FileChannel channel = file.channel();
    // Gathering writes go to the channel's own position, which only this method uses.
    channel.position(offset);
    long remaining = length;
    while (remaining > 0) {
      remaining -= channel.write(bytes);
    }
    CrashPoint.at("part.afterWrite");
    written.add(offset, offset + length);
    writeBack.check();
    writeBack.wrote(length);
    unsaved += length;
    if (unsaved >= STATE_EVERY) {
      saveState();
    }
  }

  /**
   * Makes the file, whose bytes the caller has proven, the blob, durably.
   *
   * @throws IOException if the disk refuses; the bytes are then not in the store, and the caller
   *     discards what is left
   */
  public void commit(long size) throws IOException {
    file.channel().truncate(size);
    CrashPoint.at("commit.afterTruncate");
    file.channel().force(false);
    writeBack.finish();
    CrashPoint.at("commit.afterSync");
    Path part = layout.part(digest);
    proven = FileIdentity.of(part);
    parts.store().adoptSynced(part, digest, proven);
    Files.deleteIfExists(layout.partState(digest));
    CrashPoint.at("commit.afterStateDelete");
    parts.committed(this);
  }

  /** Writes down which bytes are here, so that another download can go on from them. */
  public void saveState() throws IOException {
    PartState.write(layout.partState(digest), written);
    unsaved = 0;
  }

  /** Forgets all bytes, to begin again from scratch. */
  public void restart() throws IOException {
    written.clear();
    Files.deleteIfExists(layout.partState(digest));
    file.channel().truncate(0);
  }

  /** Removes the file; readers that hold a reference go on reading. */
  public void discard() throws IOException {
    if (isStandIn) {
      return;
    }
    if (proven != null) {
      parts.store().revoke(digest, proven);
    }
    Files.deleteIfExists(layout.part(digest));
    Files.deleteIfExists(StorageLayout.temporary(layout.partState(digest)));
    Files.deleteIfExists(layout.partState(digest));
  }

  /** Ends the writing; the file itself stays open as long as readers hold references. */
  @Override
  public void close() {
    if (closed) {
      return;
    }
    closed = true;
    if (!isStandIn) {
      parts.closed(this);
    }
    file.release();
  }
}
