package dev.breakwater.storage;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;

/**
 * The blobs that were found damaged, taken out of the store and kept apart for a look at them.
 * Thread-safe.
 */
public final class Quarantine {
  private static final int MAX_DAMAGED = 100_000;

  /** What the name of a quarantined file begins with that is never removed. */
  private static final String KEPT = "kept-";

  private final StorageLayout layout;

  /** Blobs that were found damaged and have not come again. */
  private final Cache<Digest, Boolean> damaged =
      Caffeine.newBuilder().maximumSize(MAX_DAMAGED).build();

  private volatile DamageWatch watch = DamageWatch.NONE;

  Quarantine(StorageLayout layout) {
    this.layout = layout;
  }

  /** Makes its directory where it is missing; blocking. */
  void prepare() throws IOException {
    Directories.make(layout.quarantine());
  }

  /**
   * Moves the blob's file here, in the place of an earlier one of that name; blocking. Its bytes on
   * disk, in whole blocks.
   *
   * @throws NoSuchFileException if it is not there
   */
  long take(Digest digest) throws IOException {
    long bytes = Blocks.of(Files.size(layout.blob(digest)));
    Files.move(layout.blob(digest), layout.quarantined(digest), StandardCopyOption.ATOMIC_MOVE);
    CrashPoint.at("quarantine.afterMove");
    return bytes;
  }

  /** The blob's file is here, and no reader can open it any more. */
  void taken(Digest digest) {
    damaged.put(digest, true);
    watch.damaged(digest);
  }

  /** The blob has come again, if it was ever here. */
  void replaced(Digest digest) {
    if (damaged.getIfPresent(digest) != null) {
      damaged.invalidate(digest);
      watch.healed(digest);
    }
  }

  /** Says whom to tell of damage. */
  public void watch(DamageWatch watcher) {
    watch = watcher;
  }

  /** Marks a quarantined file as one that {@link #trim} leaves alone; blocking. */
  public void keep(Digest digest) throws IOException {
    Path file = layout.quarantined(digest);
    Files.move(
        file, file.resolveSibling(KEPT + file.getFileName()), StandardCopyOption.ATOMIC_MOVE);
  }

  /** Removes the oldest files until the rest is no more than that; blocking. */
  public void trim(long bytes) throws IOException {
    Map<Path, BasicFileAttributes> files = new HashMap<>();
    try {
      for (Path file : Directories.list(layout.quarantine())) {
        if (!file.getFileName().toString().startsWith(KEPT)) {
          files.put(
              file,
              Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
        }
      }
    } catch (NoSuchFileException e) {
      return;
    }
    long total = files.values().stream().mapToLong(BasicFileAttributes::size).sum();
    for (Map.Entry<Path, BasicFileAttributes> file :
        files.entrySet().stream()
            .sorted(Comparator.comparing(file -> file.getValue().lastModifiedTime()))
            .toList()) {
      if (total <= bytes) {
        return;
      }
      total -= file.getValue().size();
      Files.deleteIfExists(file.getKey());
    }
  }
}
