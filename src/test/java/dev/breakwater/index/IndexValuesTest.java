package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Tag;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class IndexValuesTest {
  private static final InRepository<Digest> DIGEST =
      new InRepository<>(Samples.ZONE, Samples.REPOSITORY, Samples.digest(1));
  private static final InRepository<Tag> TAG =
      new InRepository<>(Samples.ZONE, Samples.REPOSITORY, Samples.LATEST);
  private static final InRepository<Subject> SUBJECT =
      new InRepository<>(Samples.ZONE, Samples.REPOSITORY, new Subject(Samples.digest(1), ""));

  private static final InRepository<WholeRepository> WHOLE =
      new InRepository<>(Samples.ZONE, Samples.REPOSITORY, WholeRepository.ALL);

  private final IndexValues values = new IndexValues();

  @Property
  void aBlobComesBack(@ForAll long size, @ForAll long storedAt) {
    BlobRecord blob = new BlobRecord(size, storedAt);
    assertThat(there(Tables.BLOBS, Samples.digest(1), blob)).contains(blob);
  }

  @Property
  void aLinkComesBack(@ForAll String mediaType, @ForAll long size) {
    LinkRecord link = new LinkRecord(new MediaType(mediaType), size);
    assertThat(there(Tables.LINKS, DIGEST, link)).contains(link);
  }

  @Property
  void aTagComesBack(
      @ForAll("digests") Digest digest,
      @ForAll String mediaType,
      @ForAll long size,
      @ForAll long checkedAt) {
    TagRecord tag = new TagRecord(digest, new MediaType(mediaType), size, checkedAt);
    assertThat(there(Tables.TAGS, TAG, tag)).contains(tag);
  }

  @Property
  void aManifestComesBackByteForByte(
      @ForAll("digests") Digest digest, @ForAll String mediaType, @ForAll byte[] bytes) {
    Manifest manifest = new Manifest(digest, new MediaType(mediaType), bytes);
    Manifest read =
        there(
                Tables.MANIFESTS,
                new InRepository<>(Samples.ZONE, Samples.REPOSITORY, digest),
                manifest)
            .orElseThrow();
    assertThat(read).isEqualTo(manifest);
    assertThat(read.bytes()).isEqualTo(bytes);
  }

  @Property
  void referrersComeBack(@ForAll byte[] index, @ForAll boolean filtered, @ForAll long checkedAt) {
    ReferrersRecord referrers = new ReferrersRecord(index, filtered, checkedAt);
    assertThat(there(Tables.REFERRERS, SUBJECT, referrers).orElseThrow())
        .usingRecursiveComparison()
        .isEqualTo(referrers);
  }

  @Property
  void aVisibilityComesBack(
      @ForAll boolean isPublic, @ForAll("digests") Digest digest, @ForAll long checkedAt) {
    VisibilityRecord visibility = new VisibilityRecord(isPublic, Optional.of(digest), checkedAt);
    assertThat(there(Tables.VISIBILITY, WHOLE, visibility)).contains(visibility);
  }

  @Test
  void aVisibilityWithAnEvidenceThatIsNoReferenceIsAbsent() {
    byte[] value = {1, 1, 2, 1, '/'};
    assertThat(values.read(Tables.VISIBILITY, WHOLE, value)).isEmpty();
    value[4] = 'a';
    assertThat(values.read(Tables.VISIBILITY, WHOLE, value)).isPresent();
  }

  @Property
  void anyBytesAreAFactOrAbsent(@ForAll byte[] bytes, @ForAll boolean knownVersion) {
    if (knownVersion && bytes.length > 0) {
      bytes[0] = 1;
    }
    for (Function<byte[], Optional<?>> reader : readers()) {
      assertThatCode(() -> reader.apply(bytes)).doesNotThrowAnyException();
    }
  }

  @Property
  void aRecordOfAnotherVersionIsAbsent(@ForAll byte version) {
    for (byte[] value : samples()) {
      value[0] = version;
      for (Function<byte[], Optional<?>> reader : readers()) {
        if (version != 1) {
          assertThat(reader.apply(value)).isEmpty();
        }
      }
    }
  }

  @Test
  void aRecordThatIsCutOrHasATailIsAbsent() {
    assertCutOrTailIsAbsent(
        bytes(Tables.BLOBS, Samples.blob(1)), reader(Tables.BLOBS, Samples.digest(1)));
    assertCutOrTailIsAbsent(bytes(Tables.LINKS, Samples.link(1)), reader(Tables.LINKS, DIGEST));
    assertCutOrTailIsAbsent(bytes(Tables.TAGS, Samples.tag(1)), reader(Tables.TAGS, TAG));
  }

  @Test
  void aTextThatClaimsToBeLongerThanItsRecordIsAbsent() {
    byte[] huge = {1, 0, -1, -1, -1, -1, 7};
    assertThat(values.read(Tables.LINKS, DIGEST, huge)).isEmpty();
    byte[] endless = new byte[32];
    Arrays.fill(endless, (byte) -1);
    endless[0] = 1;
    assertThat(values.read(Tables.LINKS, DIGEST, endless)).isEmpty();
    assertThat(values.read(Tables.BLOBS, Samples.digest(1), endless)).isEmpty();
  }

  @Test
  void smallFactsTakeFewBytes() {
    assertThat(bytes(Tables.BLOBS, Samples.blob(1)).length).isLessThan(10);
    assertThat(bytes(Tables.LINKS, new LinkRecord(new MediaType("a/b"), -1))).hasSize(6);
  }

  private static void assertCutOrTailIsAbsent(byte[] value, Function<byte[], Optional<?>> reader) {
    assertThat(reader.apply(value)).isPresent();
    for (int length = 0; length < value.length; length++) {
      assertThat(reader.apply(Arrays.copyOf(value, length))).isEmpty();
    }
    assertThat(reader.apply(Arrays.copyOf(value, value.length + 1))).isEmpty();
  }

  private static List<byte[]> samples() {
    return List.of(
        bytes(Tables.BLOBS, Samples.blob(1)),
        bytes(Tables.LINKS, Samples.link(1)),
        bytes(Tables.TAGS, Samples.tag(1)),
        bytes(Tables.MANIFESTS, Samples.manifest(1)),
        bytes(Tables.REFERRERS, Samples.referrers(1)),
        bytes(Tables.BLOB_USAGE, Samples.usage(1)),
        bytes(Tables.VISIBILITY, Samples.visibility(1)));
  }

  private List<Function<byte[], Optional<?>>> readers() {
    return List.of(
        reader(Tables.BLOBS, Samples.digest(1)),
        reader(Tables.LINKS, DIGEST),
        reader(Tables.TAGS, TAG),
        reader(Tables.MANIFESTS, DIGEST),
        reader(Tables.REFERRERS, SUBJECT),
        reader(Tables.BLOB_USAGE, Samples.digest(1)),
        reader(Tables.VISIBILITY, WHOLE));
  }

  private <K, V> Optional<V> there(Table<K, V> table, K key, V fact) {
    return values.read(table, key, bytes(table, fact));
  }

  private static <V> byte[] bytes(Table<?, V> table, V fact) {
    return table.values().encode().apply(fact);
  }

  private <K> Function<byte[], Optional<?>> reader(Table<K, ?> table, K key) {
    return value -> values.read(table, key, value);
  }

  @Provide
  Arbitrary<Digest> digests() {
    return Arbitraries.of(Samples.DIGESTS);
  }
}
