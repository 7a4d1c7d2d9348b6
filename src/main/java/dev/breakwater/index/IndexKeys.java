package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.function.Function;

/** The layout of keys: the one class that knows it. All of it is pure. */
final class IndexKeys {
  /*
   *   blobs       digest
   *   manifests   zone 0 repository 0 digest
   *   links       zone 0 repository 0 digest
   *   tags        zone 0 repository 0 tag
   *   referrers   zone 0 repository 0 digest artifactType
   *   usage       digest                            of a blob
   *               zone 0 repository 0 digest        of a manifest
   *   visibility  zone 0 repository 0
   *   meta        a word of ours
   *
   * Zone, repository and tag are ASCII by their grammars and hold no zero byte, so the terminators
   * keep names that are prefixes of one another apart, and the tags of one repository are exactly
   * the keys from "zone 0 repository 0" up to "zone 0 repository 1", in the tags' byte order. A
   * digest is one byte for the algorithm and the raw hash, whose length the algorithm fixes; so what
   * follows it needs no terminator. A blob's usage never looks like a manifest's, since no zone's
   * name begins with the byte 1 or 2.
   */

  /** Meta: the version of the format. */
  static final byte[] FORMAT = "format".getBytes(StandardCharsets.US_ASCII);

  /** Meta: present once the index has been filled with what the store holds. */
  static final byte[] REBUILT = "rebuilt".getBytes(StandardCharsets.US_ASCII);

  private static final byte SHA256 = 1;
  private static final byte SHA512 = 2;

  /** Greater than every key that begins with a digest, less than any zone's. */
  static final byte[] AFTER_DIGESTS = {SHA512 + 1};

  /** Keys of what belongs to no repository. */
  static final KeyCodec<Digest> DIGEST =
      new KeyCodec<>(IndexKeys::digest, IndexKeys::digest, new byte[0], AFTER_DIGESTS);

  static final KeyCodec<InRepository<Digest>> DIGEST_IN_REPOSITORY =
      inRepository(IndexKeys::digest, IndexKeys::onlyDigest);
  static final KeyCodec<InRepository<Tag>> TAG_IN_REPOSITORY =
      inRepository(tag -> ascii(tag.value()), IndexKeys::onlyTag);
  static final KeyCodec<InRepository<Subject>> SUBJECT_IN_REPOSITORY =
      inRepository(IndexKeys::subject, IndexKeys::subject);
  static final KeyCodec<InRepository<WholeRepository>> REPOSITORY =
      inRepository(whole -> new byte[0], IndexKeys::nothing);

  private IndexKeys() {}

  static byte[] digest(Digest digest) {
    byte[] hash = digest.hash();
    return ByteBuffer.allocate(1 + hash.length).put(code(digest.algorithm())).put(hash).array();
  }

  /** The digest a key of blobs names; empty if the bytes are no such key. */
  static Optional<Digest> digest(byte[] key) {
    ByteBuffer in = ByteBuffer.wrap(key);
    return readDigest(in).filter(digest -> !in.hasRemaining());
  }

  private static <N> KeyCodec<InRepository<N>> inRepository(
      Function<N, byte[]> encode, Function<ByteBuffer, Optional<N>> decode) {
    return new KeyCodec<>(
        key -> concat(repository(key.zone(), key.repository()), encode.apply(key.name())),
        bytes -> inRepository(bytes, decode),
        AFTER_DIGESTS,
        null);
  }

  private static <N> Optional<InRepository<N>> inRepository(
      byte[] key, Function<ByteBuffer, Optional<N>> decode) {
    int zoneEnd = terminator(key, 0);
    int repositoryEnd = zoneEnd < 0 ? -1 : terminator(key, zoneEnd + 1);
    if (repositoryEnd < 0) {
      return Optional.empty();
    }
    String zone = new String(key, 0, zoneEnd, StandardCharsets.ISO_8859_1);
    String repository =
        new String(key, zoneEnd + 1, repositoryEnd - zoneEnd - 1, StandardCharsets.ISO_8859_1);
    ByteBuffer rest = ByteBuffer.wrap(key, repositoryEnd + 1, key.length - repositoryEnd - 1);
    try {
      ZoneName zoneName = new ZoneName(zone);
      RepositoryName repositoryName = new RepositoryName(repository);
      return decode.apply(rest).map(name -> new InRepository<>(zoneName, repositoryName, name));
    } catch (IllegalArgumentException | RegistryException e) {
      return Optional.empty();
    }
  }

  private static int terminator(byte[] key, int from) {
    int at = from;
    while (at < key.length && key[at] != 0) {
      at++;
    }
    return at < key.length ? at : -1;
  }

  /** The digest that is all that is left of a key. */
  private static Optional<Digest> onlyDigest(ByteBuffer rest) {
    return readDigest(rest).filter(digest -> !rest.hasRemaining());
  }

  /** The tag that is all that is left of a key. */
  private static Optional<Tag> onlyTag(ByteBuffer rest) {
    String tag = StandardCharsets.ISO_8859_1.decode(rest).toString();
    return Tag.isValid(tag) ? Optional.of(new Tag(tag)) : Optional.empty();
  }

  /** The repository itself, if nothing is left of a key. */
  private static Optional<WholeRepository> nothing(ByteBuffer rest) {
    return rest.hasRemaining() ? Optional.empty() : Optional.of(WholeRepository.ALL);
  }

  private static byte[] subject(Subject subject) {
    return concat(digest(subject.digest()), IndexValues.charactersOf(subject.artifactType()));
  }

  /** What referrers refer to, of what is left of a key. */
  private static Optional<Subject> subject(ByteBuffer rest) {
    try {
      return readDigest(rest).map(digest -> new Subject(digest, IndexValues.characters(rest)));
    } catch (BufferUnderflowException e) {
      return Optional.empty();
    }
  }

  /** The least key a repository can have; a lower bound of its keys. */
  static byte[] repository(ZoneName zone, RepositoryName repository) {
    byte[] zoneBytes = ascii(zone.value());
    byte[] repositoryBytes = ascii(repository.value());
    return ByteBuffer.allocate(zoneBytes.length + repositoryBytes.length + 2)
        .put(zoneBytes)
        .put((byte) 0)
        .put(repositoryBytes)
        .put((byte) 0)
        .array();
  }

  /** Not greater than any key of the zone. */
  static byte[] zone(ZoneName zone) {
    byte[] zoneBytes = ascii(zone.value());
    return Arrays.copyOf(zoneBytes, zoneBytes.length + 1);
  }

  /** Greater than every key of the zone, not greater than any other's above it. */
  static byte[] afterZone(ZoneName zone) {
    byte[] key = zone(zone);
    key[key.length - 1] = 1;
    return key;
  }

  /** The repository that a key begins with; empty if it is damaged. */
  static Optional<RepositoryName> repository(byte[] key) {
    return inRepository(key, rest -> Optional.of("")).map(InRepository::repository);
  }

  /** Greater than every key that has the zone and repository of this one; for damaged ones too. */
  static byte[] afterRepository(byte[] key) {
    int zoneEnd = terminator(key, 0);
    int repositoryEnd = zoneEnd < 0 ? -1 : terminator(key, zoneEnd + 1);
    if (repositoryEnd < 0) {
      return after(key);
    }
    byte[] next = Arrays.copyOf(key, repositoryEnd + 1);
    next[repositoryEnd] = 1;
    return next;
  }

  /** Greater than every key of the repository, not greater than any other's above it. */
  static byte[] afterRepository(ZoneName zone, RepositoryName repository) {
    byte[] key = repository(zone, repository);
    key[key.length - 1] = 1;
    return key;
  }

  /** The least key greater than this one: where a scan goes on. */
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }

  /** The digest that stands at the buffer's position; empty if none does. */
  static Optional<Digest> readDigest(ByteBuffer in) {
    if (!in.hasRemaining()) {
      return Optional.empty();
    }
    Optional<DigestAlgorithm> algorithm = algorithm(in.get());
    if (algorithm.isEmpty() || in.remaining() < hashLength(algorithm.get())) {
      return Optional.empty();
    }
    byte[] hash = new byte[hashLength(algorithm.get())];
    in.get(hash);
    return Optional.of(Digest.ofHash(algorithm.get(), hash));
  }

  private static byte code(DigestAlgorithm algorithm) {
    return switch (algorithm) {
      case SHA256 -> SHA256;
      case SHA512 -> SHA512;
    };
  }

  private static Optional<DigestAlgorithm> algorithm(byte code) {
    return switch (code) {
      case SHA256 -> Optional.of(DigestAlgorithm.SHA256);
      case SHA512 -> Optional.of(DigestAlgorithm.SHA512);
      default -> Optional.empty();
    };
  }

  private static int hashLength(DigestAlgorithm algorithm) {
    return algorithm.hexLength() / 2;
  }

  private static byte[] ascii(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private static byte[] concat(byte[] first, byte[] second) {
    return ByteBuffer.allocate(first.length + second.length).put(first).put(second).array();
  }
}
