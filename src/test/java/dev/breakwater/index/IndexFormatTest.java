package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The bytes on disk stay as they are: data directories of earlier versions are opened. */
class IndexFormatTest {
  private static final Digest DIGEST = Samples.digest(1);
  private static final String DIGEST_HEX =
      "01d1988cd3019824f075f61677e1a6f54b16035868488e4051757dde53adeef80f";
  private static final String REPOSITORY_HEX = "646f636b65722e696f006c6962726172792f6e67696e7800";
  private static final InRepository<Digest> IN_REPOSITORY =
      new InRepository<>(ZONE, REPOSITORY, DIGEST);

  @Test
  void blobs() {
    assertBytes(Tables.BLOBS, DIGEST, Samples.blob(1), "blobs", DIGEST_HEX, "010282a0abfef962");
  }

  @Test
  void manifests() {
    assertBytes(
        Tables.MANIFESTS,
        new InRepository<>(ZONE, REPOSITORY, Samples.manifest(1).digest()),
        Samples.manifest(1),
        "manifests",
        REPOSITORY_HEX + "01e45f42287a034901e9df4d8796d33a26afc132b0490fe834d3ff4e34b16d0d87",
        "012a6170706c69636174696f6e2f766e642e6f63692e696d6167652e6d616e69666573742e76312b6a736f6e"
            + "7b226d616e6966657374223a317d");
  }

  @Test
  void tags() {
    assertBytes(
        Tables.TAGS,
        new InRepository<>(ZONE, REPOSITORY, LATEST),
        Samples.tag(1),
        "tags",
        REPOSITORY_HEX + "6c6174657374",
        "01"
            + DIGEST_HEX
            + "0282a0abfef962276170706c69636174696f6e2f766e642e6f63692e696d6167652e696e6465782e7631"
            + "2b6a736f6e");
  }

  @Test
  void links() {
    assertBytes(
        Tables.LINKS,
        IN_REPOSITORY,
        Samples.link(1),
        "links",
        REPOSITORY_HEX + DIGEST_HEX,
        "0102186170706c69636174696f6e2f6f637465742d73747265616d");
  }

  @Test
  void referrers() {
    assertBytes(
        Tables.REFERRERS,
        new InRepository<>(ZONE, REPOSITORY, new Subject(DIGEST, "a/b")),
        Samples.referrers(1),
        "referrers",
        REPOSITORY_HEX + DIGEST_HEX + "612f62",
        "0100027b226d616e696665737473223a317d");
  }

  @Test
  void usageOfBlobsAndOfManifestsLiesInOneFamily() {
    String usage = "0182a0abfef962b817";
    assertBytes(Tables.BLOB_USAGE, DIGEST, Samples.usage(1), "usage", DIGEST_HEX, usage);
    assertBytes(
        Tables.MANIFEST_USAGE,
        IN_REPOSITORY,
        Samples.usage(1),
        "usage",
        REPOSITORY_HEX + DIGEST_HEX,
        usage);
  }

  @Test
  void visibility() {
    assertBytes(
        Tables.VISIBILITY,
        new InRepository<>(ZONE, REPOSITORY, WholeRepository.ALL),
        new VisibilityRecord(true, Optional.of(LATEST), 1),
        "visibility",
        REPOSITORY_HEX,
        "010102066c6174657374");
    assertBytes(
        Tables.VISIBILITY,
        new InRepository<>(ZONE, REPOSITORY, WholeRepository.ALL),
        new VisibilityRecord(false, Optional.empty(), 0),
        "visibility",
        REPOSITORY_HEX,
        "01000000");
  }

  @Test
  void familiesAreInTheirOrder() {
    List<String> names = new ArrayList<>();
    Arrays.stream(Family.values())
        .map(family -> new String(family.nameOnDisk(), StandardCharsets.US_ASCII))
        .forEach(names::add);
    assertThat(names)
        .containsExactly(
            "meta", "blobs", "manifests", "tags", "links", "referrers", "usage", "visibility");
  }

  private static <K, V> void assertBytes(
      Table<K, V> table, K key, V fact, String family, String keyHex, String valueHex) {
    Row row = Row.of(table.put(key, fact));
    assertThat(new String(row.family().nameOnDisk(), StandardCharsets.US_ASCII)).isEqualTo(family);
    assertThat(row.key()).isEqualTo(HexFormat.of().parseHex(keyHex));
    assertThat(row.value()).isEqualTo(HexFormat.of().parseHex(valueHex));
    assertThat(Row.of(table.delete(key)).key()).isEqualTo(row.key());
    assertThat(table.keys().decode().apply(row.key())).contains(key);
    Optional<V> read = new IndexValues().read(table, key, HexFormat.of().parseHex(valueHex));
    assertThat(read.orElseThrow()).usingRecursiveComparison().isEqualTo(fact);
  }
}
