package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
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
  private final IndexValues values = new IndexValues();

  @Property
  void aBlobComesBack(@ForAll long size, @ForAll long storedAt) {
    BlobRecord blob = new BlobRecord(size, storedAt);
    assertThat(values.blob(IndexValues.of(blob))).contains(blob);
  }

  @Property
  void aLinkComesBack(@ForAll String mediaType, @ForAll long size) {
    LinkRecord link = new LinkRecord(new MediaType(mediaType), size);
    assertThat(values.link(IndexValues.of(link))).contains(link);
  }

  @Property
  void aTagComesBack(
      @ForAll("digests") Digest digest,
      @ForAll String mediaType,
      @ForAll long size,
      @ForAll long checkedAt) {
    TagRecord tag = new TagRecord(digest, new MediaType(mediaType), size, checkedAt);
    assertThat(values.tag(IndexValues.of(tag))).contains(tag);
  }

  @Property
  void aManifestComesBackByteForByte(
      @ForAll("digests") Digest digest, @ForAll String mediaType, @ForAll byte[] bytes) {
    Manifest manifest = new Manifest(digest, new MediaType(mediaType), bytes);
    Manifest read = values.manifest(digest, IndexValues.of(manifest)).orElseThrow();
    assertThat(read).isEqualTo(manifest);
    assertThat(read.bytes()).isEqualTo(bytes);
  }

  @Property
  void referrersComeBack(@ForAll byte[] index, @ForAll boolean filtered, @ForAll long checkedAt) {
    ReferrersRecord referrers = new ReferrersRecord(index, filtered, checkedAt);
    assertThat(values.referrers(IndexValues.of(referrers)).orElseThrow())
        .usingRecursiveComparison()
        .isEqualTo(referrers);
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
    assertCutOrTailIsAbsent(IndexValues.of(Samples.blob(1)), values::blob);
    assertCutOrTailIsAbsent(IndexValues.of(Samples.link(1)), values::link);
    assertCutOrTailIsAbsent(IndexValues.of(Samples.tag(1)), values::tag);
  }

  @Test
  void aTextThatClaimsToBeLongerThanItsRecordIsAbsent() {
    byte[] huge = {1, 0, -1, -1, -1, -1, 7};
    assertThat(values.link(huge)).isEmpty();
    byte[] endless = new byte[32];
    Arrays.fill(endless, (byte) -1);
    endless[0] = 1;
    assertThat(values.link(endless)).isEmpty();
    assertThat(values.blob(endless)).isEmpty();
  }

  @Test
  void smallFactsTakeFewBytes() {
    assertThat(IndexValues.of(Samples.blob(1)).length).isLessThan(10);
    assertThat(IndexValues.of(new LinkRecord(new MediaType("a/b"), -1))).hasSize(6);
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
        IndexValues.of(Samples.blob(1)),
        IndexValues.of(Samples.link(1)),
        IndexValues.of(Samples.tag(1)),
        IndexValues.of(Samples.manifest(1)),
        IndexValues.of(Samples.referrers(1)));
  }

  private List<Function<byte[], Optional<?>>> readers() {
    return List.of(
        values::blob,
        values::link,
        values::tag,
        value -> values.manifest(Samples.digest(1), value),
        values::referrers);
  }

  @Provide
  Arbitrary<Digest> digests() {
    return Arbitraries.of(Samples.DIGESTS);
  }
}
