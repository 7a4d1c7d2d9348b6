package dev.breakwater.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import com.github.benmanes.caffeine.cache.RemovalCause;
import com.google.errorprone.annotations.CanIgnoreReturnValue;
import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The blob files that are open: each at most once, shared by all who read it, and some kept open
 * for those who come next. Thread-safe, but for what says so.
 */
final class OpenBlobs {
  private static final int OPEN_FILES = 1024;

  private final StorageLayout layout;

  /** Blobs that are open. */
  private final Map<Digest, BlobFile> opened = new ConcurrentHashMap<>();

  /** Descriptors of blobs that are asked often; each entry owns one reference. */
  private final Cache<Digest, BlobFile> open =
      Caffeine.newBuilder()
          .maximumSize(OPEN_FILES)
          .executor(Runnable::run)
          .removalListener(
              (@Nullable Digest digest, @Nullable BlobFile file, RemovalCause cause) -> {
                if (file != null) {
                  file.release();
                }
              })
          .build();

  OpenBlobs(StorageLayout layout) {
    this.layout = layout;
  }

  /** One that was asked lately, with a reference for the caller, or null. */
  @Nullable BlobFile lately(Digest digest) {
    BlobFile cached = open.getIfPresent(digest);
    return cached != null && cached.tryAcquire() ? cached : null;
  }

  /** With a reference for the caller; blocking. Not twice at a time for one digest. */
  BlobFile open(Digest digest) throws IOException {
    BlobFile file = opened.get(digest);
    if (file == null || !file.tryAcquire()) {
      FileChannel channel = openFile(layout.blob(digest));
      BlobFile fresh = new BlobFile(channel, channel.size());
      opened.put(digest, fresh);
      fresh.whenClosed(() -> opened.remove(digest, fresh));
      file = fresh;
    }
    if (open.getIfPresent(digest) != file) {
      // One reference for the caller, one for the cache.
      open.put(digest, file.acquire());
    }
    return file;
  }

  /** A symbolic link in the place of a blob is no blob. */
  static FileChannel openFile(Path blob) throws IOException {
    try {
      return FileChannel.open(blob, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
    } catch (NoSuchFileException e) {
      throw e;
    } catch (IOException e) {
      if (Files.isSymbolicLink(blob)) {
        throw new NoSuchFileException(blob.toString());
      }
      throw e;
    }
  }

  /** Whether a client reads it; it is not kept open for others from now on. */
  boolean isRead(Digest digest) {
    BlobFile file = opened.get(digest);
    if (file == null) {
      return false;
    }
    open.invalidate(digest);
    return !file.isClosed();
  }

  /** This file is not handed out any more; the file if it is read still, else null. */
  @CanIgnoreReturnValue
  @Nullable BlobFile forget(Digest digest) {
    BlobFile read = opened.remove(digest);
    open.invalidate(digest);
    return read;
  }

  /** Closes all that are not read. */
  void close() {
    open.invalidateAll();
  }
}
