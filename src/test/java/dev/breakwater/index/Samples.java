package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.BiFunction;

/** Names and facts for tests. Many of the names are prefixes of one another. */
final class Samples {
  static final ZoneName ZONE = new ZoneName("docker.io");
  static final RepositoryName REPOSITORY = new RepositoryName("library/nginx");
  static final Tag LATEST = new Tag("latest");

  static final List<ZoneName> ZONES =
      List.of(ZONE, new ZoneName("docker.i"), new ZoneName("docker.io.example"));
  static final List<RepositoryName> REPOSITORIES =
      List.of(
          new RepositoryName("library"),
          REPOSITORY,
          new RepositoryName("library/nginx/nginx"),
          new RepositoryName("library/nginx-1"));
  static final List<Tag> TAGS =
      List.of(new Tag("1"), new Tag("1.2"), new Tag("1-2"), new Tag("10"), new Tag("Z"), LATEST);
  static final List<String> ARTIFACT_TYPES = List.of("", "a", "a/b", "ä\ud800\0");
  static final List<Digest> DIGESTS =
      List.of(digest(1), digest(2), Digest.of(DigestAlgorithm.SHA512, new byte[] {1}));

  /**
   * A table with keys of it, many of which are prefixes of one another, and facts by number.
   *
   * @param fact of a key and a number
   */
  record Kind<K, V>(Table<K, V> table, List<K> keys, BiFunction<K, Integer, V> fact) {
    Change put(int key, int number) {
      return table.put(keys.get(key), fact.apply(keys.get(key), number));
    }

    Change delete(int key) {
      return table.delete(keys.get(key));
    }

    /** What the index says of the key. */
    Optional<V> get(Index index, int key) {
      return index.get(table, keys.get(key));
    }

    @Override
    public String toString() {
      return table.toString();
    }
  }

  /** One for each table. */
  static final List<Kind<?, ?>> KINDS =
      List.of(
          new Kind<>(Tables.BLOBS, DIGESTS, (key, n) -> blob(n)),
          new Kind<>(Tables.TAGS, everywhere(TAGS), (key, n) -> tag(n)),
          new Kind<>(Tables.LINKS, everywhere(DIGESTS), (key, n) -> link(n)),
          new Kind<>(
              Tables.MANIFESTS,
              everywhere(DIGESTS),
              (key, n) -> new Manifest(key.name(), MediaType.OCI_INDEX, bytes("{" + n + "}"))),
          new Kind<>(Tables.REFERRERS, everywhere(subjects()), (key, n) -> referrers(n)),
          new Kind<>(Tables.BLOB_USAGE, DIGESTS, (key, n) -> usage(n)),
          new Kind<>(Tables.MANIFEST_USAGE, everywhere(DIGESTS), (key, n) -> usage(n)),
          new Kind<>(
              Tables.VISIBILITY,
              everywhere(List.of(WholeRepository.ALL)),
              (key, n) -> visibility(n)));

  private Samples() {}

  private static <N> List<InRepository<N>> everywhere(List<N> names) {
    List<InRepository<N>> all = new ArrayList<>();
    for (ZoneName zone : ZONES) {
      for (RepositoryName repository : REPOSITORIES) {
        names.forEach(name -> all.add(new InRepository<>(zone, repository, name)));
      }
    }
    return all;
  }

  private static List<Subject> subjects() {
    List<Subject> all = new ArrayList<>();
    for (Digest digest : DIGESTS) {
      ARTIFACT_TYPES.forEach(type -> all.add(new Subject(digest, type)));
    }
    return all;
  }

  static Digest digest(int number) {
    return Digest.ofSha256(bytes("content " + number));
  }

  static TagRecord tag(int number) {
    return new TagRecord(digest(number), MediaType.OCI_INDEX, number, 1_700_000_000_000L + number);
  }

  static BlobRecord blob(int number) {
    return new BlobRecord(number, 1_700_000_000_000L + number);
  }

  static LinkRecord link(int number) {
    return new LinkRecord(MediaType.OCTET_STREAM, number);
  }

  static Manifest manifest(int number) {
    byte[] bytes = bytes("{\"manifest\":" + number + "}");
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }

  static ReferrersRecord referrers(int number) {
    return new ReferrersRecord(bytes("{\"manifests\":" + number + "}"), number % 2 == 0, number);
  }

  static UsageRecord usage(int number) {
    return new UsageRecord(1_700_000_000_000L + number, number + 0.5);
  }

  static VisibilityRecord visibility(int number) {
    return new VisibilityRecord(
        number % 2 == 1, number == 0 ? Optional.empty() : Optional.of(digest(number)), number);
  }

  static List<Tag> tags(Index index, ZoneName zone, RepositoryName repository) {
    List<Tag> tags = new ArrayList<>();
    index.scan(Tables.TAGS, zone, repository, (key, record) -> tags.add(key.name()));
    return tags;
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
