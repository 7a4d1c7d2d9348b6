package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class IndexKeysTest {
  record Place(ZoneName zone, RepositoryName repository, Digest digest, String artifactType) {}

  @Property
  void aDigestComesBackFromItsKey(@ForAll("digests") Digest digest) {
    assertThat(IndexKeys.digest(IndexKeys.digest(digest))).contains(digest);
  }

  @Property
  void anyBytesAreADigestsKeyOrNone(@ForAll byte[] bytes) {
    IndexKeys.digest(bytes)
        .ifPresent(digest -> assertThat(IndexKeys.digest(digest)).isEqualTo(bytes));
  }

  @Test
  void aDigestsKeyIsOneByteAndTheRawHash() {
    assertThat(IndexKeys.digest(Digest.ofSha256(new byte[0]))).hasSize(33).startsWith(1);
    assertThat(IndexKeys.digest(Digest.of(DigestAlgorithm.SHA512, new byte[0])))
        .hasSize(65)
        .startsWith(2);
  }

  @Test
  void aKeyThatIsTooShortTooLongOrOfAnotherAlgorithmIsNoDigest() {
    byte[] key = IndexKeys.digest(Samples.digest(1));
    byte[] foreign = key.clone();
    foreign[0] = 9;
    assertThat(IndexKeys.digest(new byte[0])).isEmpty();
    assertThat(IndexKeys.digest(Arrays.copyOf(key, key.length - 1))).isEmpty();
    assertThat(IndexKeys.digest(Arrays.copyOf(key, key.length + 1))).isEmpty();
    assertThat(IndexKeys.digest(foreign)).isEmpty();
  }

  @Property
  void aTagComesBackFromItsKeyInItsOwnRepositoryOnly(
      @ForAll("places") Place own, @ForAll("places") Place other, @ForAll("tags") Tag tag) {
    InRepository<Tag> name = new InRepository<>(own.zone(), own.repository(), tag);
    byte[] key = tag(own, tag);
    assertThat(IndexKeys.TAG_IN_REPOSITORY.decode().apply(key)).contains(name);
    boolean same = own.zone().equals(other.zone()) && own.repository().equals(other.repository());
    assertThat(Arrays.equals(key, tag(other, tag))).isEqualTo(same);
  }

  @Property
  void anyBytesAreATagsKeyOrNone(@ForAll("places") Place place, @ForAll byte[] bytes) {
    byte[] prefix = IndexKeys.repository(place.zone(), place.repository());
    byte[] key = Arrays.copyOf(prefix, prefix.length + bytes.length);
    System.arraycopy(bytes, 0, key, prefix.length, bytes.length);
    IndexKeys.TAG_IN_REPOSITORY
        .decode()
        .apply(key)
        .ifPresent(
            found -> {
              assertThat(found.zone()).isEqualTo(place.zone());
              assertThat(found.repository()).isEqualTo(place.repository());
              assertThat(tag(place, found.name())).isEqualTo(key);
            });
    assertThat(IndexKeys.TAG_IN_REPOSITORY.decode().apply(new byte[0])).isEmpty();
  }

  @Property
  void aNameInARepositoryComesBackFromItsKey(@ForAll("places") Place place) {
    InRepository<Digest> digest =
        new InRepository<>(place.zone(), place.repository(), place.digest());
    InRepository<Subject> subject =
        new InRepository<>(
            place.zone(), place.repository(), new Subject(place.digest(), place.artifactType()));
    assertThat(IndexKeys.DIGEST_IN_REPOSITORY.decode().apply(digest(place))).contains(digest);
    assertThat(IndexKeys.SUBJECT_IN_REPOSITORY.decode().apply(subject(place))).contains(subject);
  }

  @Property
  void everyKeyLiesBetweenTheBoundsOfItsCodec(
      @ForAll("places") Place place, @ForAll("tags") Tag tag) {
    assertWithin(IndexKeys.DIGEST, IndexKeys.digest(place.digest()));
    assertWithin(IndexKeys.DIGEST_IN_REPOSITORY, digest(place));
    assertWithin(IndexKeys.SUBJECT_IN_REPOSITORY, subject(place));
    assertWithin(IndexKeys.TAG_IN_REPOSITORY, tag(place, tag));
  }

  private static void assertWithin(KeyCodec<?> codec, byte[] key) {
    assertThat(Arrays.compareUnsigned(codec.from(), key)).isNotPositive();
    byte[] to = codec.to();
    if (to != null) {
      assertThat(Arrays.compareUnsigned(key, to)).isNegative();
    }
  }

  private static byte[] tag(Place place, Tag tag) {
    return IndexKeys.TAG_IN_REPOSITORY
        .encode()
        .apply(new InRepository<>(place.zone(), place.repository(), tag));
  }

  private static byte[] digest(Place place) {
    return IndexKeys.DIGEST_IN_REPOSITORY
        .encode()
        .apply(new InRepository<>(place.zone(), place.repository(), place.digest()));
  }

  private static byte[] subject(Place place) {
    Subject subject = new Subject(place.digest(), place.artifactType());
    return IndexKeys.SUBJECT_IN_REPOSITORY
        .encode()
        .apply(new InRepository<>(place.zone(), place.repository(), subject));
  }

  @Property
  void tagKeysOfARepositorySortAsTheTags(
      @ForAll("places") Place place, @ForAll("tags") Tag one, @ForAll("tags") Tag other) {
    int byKey = Arrays.compareUnsigned(tag(place, one), tag(place, other));
    assertThat(Integer.signum(byKey)).isEqualTo(Integer.signum(one.compareTo(other)));
  }

  @Property
  void theBoundsOfARepositoryHoldItsTagsAndNoOthers(
      @ForAll("places") Place place, @ForAll("places") Place other, @ForAll("tags") Tag tag) {
    byte[] from = IndexKeys.repository(place.zone(), place.repository());
    byte[] to = IndexKeys.afterRepository(place.zone(), place.repository());
    byte[] key = tag(other, tag);
    boolean within = Arrays.compareUnsigned(from, key) <= 0 && Arrays.compareUnsigned(key, to) < 0;
    boolean same =
        place.zone().equals(other.zone()) && place.repository().equals(other.repository());
    assertThat(within).isEqualTo(same);
  }

  @Property
  void differentThingsHaveDifferentKeys(
      @ForAll("places") Place one, @ForAll("places") Place other) {
    boolean samePlace =
        one.zone().equals(other.zone())
            && one.repository().equals(other.repository())
            && one.digest().equals(other.digest());
    assertThat(Arrays.equals(digest(one), digest(other))).isEqualTo(samePlace);
    assertThat(Arrays.equals(subject(one), subject(other))).isEqualTo(one.equals(other));
  }

  @Property
  void nothingLiesBetweenAKeyAndTheOneAfterIt(@ForAll byte[] key) {
    byte[] after = IndexKeys.after(key);
    assertThat(Arrays.compareUnsigned(key, after)).isNegative();
    assertThat(after).isEqualTo(Arrays.copyOf(key, key.length + 1));
  }

  @Provide
  Arbitrary<Digest> digests() {
    return Combinators.combine(
            Arbitraries.of(DigestAlgorithm.class), Arbitraries.bytes().array(byte[].class))
        .as(Digest::of);
  }

  @Provide
  Arbitrary<Tag> tags() {
    return Arbitraries.oneOf(
        Arbitraries.of(Samples.TAGS),
        Arbitraries.strings()
            .withChars("abzAZ019_.-")
            .ofMinLength(1)
            .ofMaxLength(6)
            .filter(Tag::isValid)
            .map(Tag::new));
  }

  @Provide
  Arbitrary<Place> places() {
    Arbitrary<ZoneName> zones =
        Arbitraries.oneOf(
            Arbitraries.of(Samples.ZONES),
            Arbitraries.strings()
                .withChars("a0.-")
                .ofMinLength(0)
                .ofMaxLength(3)
                .map(middle -> new ZoneName("a" + middle + "0")));
    Arbitrary<RepositoryName> repositories =
        Arbitraries.oneOf(
            Arbitraries.of(Samples.REPOSITORIES),
            Arbitraries.strings()
                .withChars("a0./-_")
                .ofMinLength(1)
                .ofMaxLength(5)
                .filter(RepositoryName::isValid)
                .map(RepositoryName::new));
    return Combinators.combine(
            zones,
            repositories,
            Arbitraries.of(Samples.DIGESTS),
            Arbitraries.oneOf(
                Arbitraries.of(Samples.ARTIFACT_TYPES), Arbitraries.strings().ofMaxLength(3)))
        .as(Place::new);
  }
}
