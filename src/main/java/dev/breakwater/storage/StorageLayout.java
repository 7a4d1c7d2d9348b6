package dev.breakwater.storage;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * Where everything lies under the data directory; the one class that knows paths. Names are made of
 * validated hexadecimal and our own words, never of request text.
 *
 * <pre>
 * blobs/sha256/ab/&lt;hex&gt;   immutable, one fan-out level
 * downloads/&lt;hex&gt;.part   downloads under way, and .json beside it: which bytes are there
 * quarantine/            blobs that were found damaged, kept for a look at them
 * index/                 RocksDB, and index.* beside it
 * scrub.json             how far the scrubber has come
 * write-check            made and deleted again, to see whether the disk takes writes
 * lock                   of the one process that may use the directory: its id and admin address
 * </pre>
 *
 * @param data the data directory
 */
public record StorageLayout(Path data) {
  static final String INDEX = "index";
  static final String PART = ".part";
  static final String STATE = ".json";
  static final String TEMPORARY = ".tmp";
  private static final String BLOBS = "blobs";
  private static final String DOWNLOADS = "downloads";
  private static final String FORMER_DOWNLOADS = "fills";
  private static final String QUARANTINE = "quarantine";
  private static final String SCRUB = "scrub.json";
  private static final String WRITE_CHECK = "write-check";
  private static final String TOKEN_KEY = "token.key";

  /** The directories of ours right below the data directory. */
  static final Set<String> DIRECTORIES =
      Set.of(BLOBS, DOWNLOADS, FORMER_DOWNLOADS, QUARANTINE, INDEX);

  /** The files of ours there. */
  static final Set<String> FILES =
      Set.of("lock", SCRUB, SCRUB + TEMPORARY, WRITE_CHECK, TOKEN_KEY, TOKEN_KEY + TEMPORARY);

  /** The file with the key that tokens of clients are signed by. */
  public Path tokenKey() {
    return data.resolve(TOKEN_KEY);
  }

  /** The directory of all blobs. */
  public Path blobs() {
    return data.resolve(BLOBS);
  }

  /** The directory of downloads under way. */
  public Path downloads() {
    return data.resolve(DOWNLOADS);
  }

  /** What the directory of downloads was called before; a store that opens takes it over. */
  Path formerDownloads() {
    return data.resolve(FORMER_DOWNLOADS);
  }

  /** The directory of what was found damaged. */
  public Path quarantine() {
    return data.resolve(QUARANTINE);
  }

  /** The directory of the index. */
  public Path index() {
    return data.resolve(INDEX);
  }

  Path blobs(DigestAlgorithm algorithm) {
    return blobs().resolve(algorithm.prefix());
  }

  Path fanOut(Digest digest) {
    return blobs(digest.algorithm()).resolve(fanOutName(digest));
  }

  static String fanOutName(Digest digest) {
    return digest.hex().substring(0, 2);
  }

  Path blob(Digest digest) {
    return fanOut(digest).resolve(digest.hex());
  }

  Path part(Digest digest) {
    return downloads().resolve(digest.hex() + PART);
  }

  Path partState(Digest digest) {
    return downloads().resolve(digest.hex() + STATE);
  }

  /** The file that says how far the scrubber has come. */
  public Path scrubState() {
    return data.resolve(SCRUB);
  }

  /** A file that is made to see whether the disk takes writes, and deleted. */
  public Path writeCheck() {
    return data.resolve(WRITE_CHECK);
  }

  /** Where a state is written before it takes the place of the last one. */
  public static Path temporary(Path state) {
    return state.resolveSibling(state.getFileName() + TEMPORARY);
  }

  Path quarantined(Digest digest) {
    return quarantine().resolve(digest.algorithm().prefix() + "-" + digest.hex());
  }

  /** The digest that a part file is for; empty for other files. */
  static Optional<Digest> digestOfPart(Path file) {
    String name = file.getFileName().toString();
    return name.endsWith(PART)
        ? digestOfHex(name.substring(0, name.length() - PART.length()))
        : Optional.empty();
  }

  /** The algorithms' hashes differ in length. */
  static Optional<Digest> digestOfHex(String hex) {
    for (DigestAlgorithm algorithm : DigestAlgorithm.values()) {
      Optional<Digest> digest = Digest.tryParse(algorithm.prefix() + ":" + hex);
      if (digest.isPresent()) {
        return digest;
      }
    }
    return Optional.empty();
  }

  /** The digest a file of {@link #blobs} is named after; empty for a file that is not ours. */
  static Optional<Digest> digestOf(DigestAlgorithm algorithm, Path blob) {
    return Digest.tryParse(algorithm.prefix() + ":" + blob.getFileName());
  }
}
