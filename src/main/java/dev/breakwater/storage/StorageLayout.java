package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where everything lies under the data directory; the one class that knows paths. Names are made of
 * validated hexadecimal and our own words, never of request text.
 *
 * <pre>
 * blobs/sha256/ab/&lt;hex&gt;   immutable, one fan-out level
 * fills/&lt;hex&gt;.part       downloads under way, and .json beside it: which bytes are there
 * index/                 RocksDB
 * </pre>
 *
 * @param data the data directory
 */
public record StorageLayout(Path data) {
  private static final String PART = ".part";
  private static final String STATE = ".json";

  /** The directory of all blobs. */
  public Path blobs() {
    return data.resolve("blobs");
  }

  /** The directory of downloads under way. */
  public Path fills() {
    return data.resolve("fills");
  }

  /** The directory of the index. */
  public Path index() {
    return data.resolve("index");
  }

  Path blobs(DigestAlgorithm algorithm) {
    return blobs().resolve(algorithm.prefix());
  }

  Path fanOut(Digest digest) {
    return blobs(digest.algorithm()).resolve(digest.hex().substring(0, 2));
  }

  Path blob(Digest digest) {
    return fanOut(digest).resolve(digest.hex());
  }

  Path part(Digest digest) {
    return fills().resolve(digest.hex() + PART);
  }

  Path partState(Digest digest) {
    return fills().resolve(digest.hex() + STATE);
  }

  /** The state that belongs to a part file; empty for other files. */
  static Optional<Path> stateOf(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(PART)
        ? Optional.of(file.resolveSibling(name.substring(0, name.length() - PART.length()) + STATE))
        : Optional.empty();
  }

  /** The digest a file of {@link #blobs} is named after; empty for a file of nobody's. */
  static Optional<Digest> digestOf(DigestAlgorithm algorithm, Path blob) {
    return Digest.tryParse(algorithm.prefix() + ":" + blob.getFileName());
  }
}
