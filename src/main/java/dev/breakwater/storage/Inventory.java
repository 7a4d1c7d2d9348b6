package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What lies under a data directory, file by file, told apart by place and name. It opens no file
 * and follows no symbolic link below the directory. All methods block; what vanishes meanwhile is
 * left out.
 */
public final class Inventory {
  private static final String LINK = "is a symbolic link: mount or bind the directory itself there";

  private static final String HALF_STATE = StorageLayout.STATE + StorageLayout.TEMPORARY;
  private static final Set<String> DOWNLOAD_SUFFIXES =
      Set.of(StorageLayout.PART, StorageLayout.STATE, HALF_STATE);

  private final StorageLayout layout;

  /** Takes what is found: blobs in the order of their digests, then downloads, then the rest. */
  public interface Visitor {
    /**
     * A file with a blob's name; its content was not read.
     *
     * @param writtenAt when it was last written to, in milliseconds since the epoch
     */
    void blob(Digest digest, long size, long writtenAt) throws IOException;

    /** What a download under way, or an earlier one, has on the disk. */
    void download(DownloadFiles files) throws IOException;

    /** A file or directory that is not ours, or a symbolic link in the place of one of ours. */
    void foreign(Path path) throws IOException;
  }

  /**
   * The files of one download.
   *
   * @param digest what it fetches
   * @param part whether there are bytes
   * @param state whether it is written down which bytes those are
   * @param halfState whether writing that down was cut short
   */
  public record DownloadFiles(Digest digest, boolean part, boolean state, boolean halfState) {}

  /** A look at the directory of that layout. */
  public Inventory(StorageLayout layout) {
    this.layout = layout;
  }

  /** Visits everything. */
  public void visit(Visitor visitor) throws IOException {
    visitBlobs(visitor, Optional.empty());
    visitDownloads(visitor);
    for (Path path : children(layout.data())) {
      if (!isKnown(path)) {
        visitor.foreign(path);
      }
    }
  }

  private boolean isKnown(Path path) {
    String name = path.getFileName().toString();
    if (StorageLayout.FILES.contains(name)) {
      return Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS);
    }
    return (StorageLayout.DIRECTORIES.contains(name) && isDirectory(path))
        || name.startsWith(StorageLayout.INDEX + ".")
        || name.equals("lost+found");
  }

  /**
   * Visits the blobs, and what lies among them, from a digest on, that one included.
   *
   * @param from the first digest wanted; empty for all
   */
  public void visitBlobs(Visitor visitor, Optional<Digest> from) throws IOException {
    for (Path path : children(layout.blobs())) {
      if (DigestAlgorithm.byPrefix(path.getFileName().toString()).isEmpty() || !isDirectory(path)) {
        visitor.foreign(path);
      }
    }
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      if (from.isEmpty() || algorithm.compareTo(from.get().algorithm()) >= 0) {
        visitBlobs(visitor, algorithm, from.filter(digest -> digest.algorithm() == algorithm));
      }
    }
  }

  private void visitBlobs(Visitor visitor, DigestAlgorithm algorithm, Optional<Digest> from)
      throws IOException {
    String first = from.map(StorageLayout::fanOutName).orElse("");
    for (Path fanOut : children(layout.blobs(algorithm))) {
      String name = fanOut.getFileName().toString();
      if (!name.matches("[0-9a-f]{2}") || !isDirectory(fanOut)) {
        visitor.foreign(fanOut);
      } else if (name.compareTo(first) >= 0) {
        for (Path file : children(fanOut)) {
          visitBlob(visitor, algorithm, file, from);
        }
      }
    }
  }

  private void visitBlob(
      Visitor visitor, DigestAlgorithm algorithm, Path file, Optional<Digest> from)
      throws IOException {
    Optional<BasicFileAttributes> attributes = attributes(file);
    if (attributes.isEmpty()) {
      return;
    }
    Optional<Digest> digest =
        StorageLayout.digestOf(algorithm, file)
            .filter(found -> layout.blob(found).equals(file))
            .filter(found -> attributes.get().isRegularFile());
    if (digest.isEmpty()) {
      visitor.foreign(file);
    } else if (from.isEmpty() || from.get().compareTo(digest.get()) <= 0) {
      visitor.blob(
          digest.get(), attributes.get().size(), attributes.get().lastModifiedTime().toMillis());
    }
  }

  private void visitDownloads(Visitor visitor) throws IOException {
    Map<Digest, Set<String>> downloads = new TreeMap<>();
    for (Path path : children(layout.downloads())) {
      String name = path.getFileName().toString();
      int dot = name.indexOf('.');
      String suffix = dot < 0 ? "" : name.substring(dot);
      Optional<Digest> digest =
          dot < 0 ? Optional.empty() : StorageLayout.digestOfHex(name.substring(0, dot));
      if (!DOWNLOAD_SUFFIXES.contains(suffix)
          || digest.isEmpty()
          || !Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        visitor.foreign(path);
      } else {
        downloads.computeIfAbsent(digest.get(), ignored -> new HashSet<>()).add(suffix);
      }
    }
    for (Map.Entry<Digest, Set<String>> download : downloads.entrySet()) {
      Set<String> files = download.getValue();
      visitor.download(
          new DownloadFiles(
              download.getKey(),
              files.contains(StorageLayout.PART),
              files.contains(StorageLayout.STATE),
              files.contains(HALF_STATE)));
    }
  }

  /**
   * The size of a blob's file; empty if there is none.
   *
   * @throws IOException if the disk does not tell
   */
  public Optional<Long> sizeOf(Digest digest) throws IOException {
    return attributes(layout.blob(digest))
        .filter(BasicFileAttributes::isRegularFile)
        .map(BasicFileAttributes::size);
  }

  /** What a message calls a blob's file: its path below the data directory. */
  public String blobName(Digest digest) {
    return nameOf(layout.blob(digest));
  }

  /** What a message calls the bytes of a download. */
  public String downloadName(Digest digest) {
    return nameOf(layout.part(digest));
  }

  /** What a message calls a file below the data directory; fit for a log line. */
  public String nameOf(Path path) {
    return Quoted.escape(layout.data().relativize(path).toString());
  }

  /**
   * Refuses symbolic links in the place of our directories: what is written through one lands
   * outside of the data directory.
   *
   * @throws IOException that names the link
   */
  void refuseLinks() throws IOException {
    List<Path> directories = new ArrayList<>(children(layout.data()));
    directories.addAll(children(layout.blobs()));
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      directories.addAll(children(layout.blobs(algorithm)));
    }
    for (Path directory : directories) {
      if (Files.isSymbolicLink(directory)) {
        throw new IOException(directory + " " + LINK);
      }
    }
  }

  /** In the order of their names; nothing if the directory is not there, or is a link. */
  private List<Path> children(Path directory) throws IOException {
    // The data directory itself may be given by way of a link.
    if (!isDirectory(directory) && !directory.equals(layout.data())) {
      return List.of();
    }
    List<Path> children;
    try {
      children = Directories.list(directory);
    } catch (NoSuchFileException e) {
      return List.of();
    }
    Collections.sort(children);
    return children;
  }

  private static boolean isDirectory(Path path) {
    return Files.isDirectory(path, LinkOption.NOFOLLOW_LINKS);
  }

  private static Optional<BasicFileAttributes> attributes(Path file) throws IOException {
    try {
      return Optional.of(
          Files.readAttributes(file, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }
}
