package dev.breakwater.gc;

import static dev.breakwater.gc.Manifests.buildCache;
import static dev.breakwater.gc.Manifests.image;
import static dev.breakwater.gc.Manifests.index;
import static dev.breakwater.gc.Manifests.referrer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.ReferrersRecord;
import dev.breakwater.index.Subject;
import dev.breakwater.index.Tables;
import dev.breakwater.index.TagRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What was pushed stays while a tag reaches it; beside it, mirrored content goes by disuse. */
class HostedContentTest {
  private static final RepositoryName NAME = new RepositoryName("app");
  private static final Tag TAG = new Tag("latest");
  private static final Duration LONG = Duration.ofDays(400);
  private static final Duration MAX_IDLE = Duration.ofDays(30);
  private static final Duration GRACE = Duration.ofHours(1);
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path data;
  private CacheFixture cache;
  private Sweeper sweeper;
  private Digest layer;
  private Digest other;

  @BeforeEach
  void open() throws Exception {
    cache = new CacheFixture(data, 1 << 20);
    cache.host(Retentions.Hosted.of(Set.of(ZoneName.HOSTED)));
    sweeper =
        new Sweeper(
            cache.sweeperParts(),
            new Sweeper.Settings(Duration.ofHours(1), GRACE, MAX_IDLE, false),
            oldest -> {});
    layer = cache.blob(1);
    other = cache.blob(2);
  }

  @AfterEach
  void close() throws Exception {
    cache.close();
  }

  @Test
  void whatATagReachesStaysHoweverLongItIsNotUsed() throws Exception {
    Manifest image = push(image(layer));
    Manifest index = push(index(image));
    tag(TAG, index);
    cache.turn(LONG);
    sweepForLong();
    assertStays(index, image);
    assertThat(hasTag(TAG)).isTrue();
    assertThat(cache.has(layer)).isTrue();
    assertThat(hasLink(layer)).isTrue();
  }

  @Test
  void anUntaggedImageGoesAfterItsGraceAndNotBefore() throws Exception {
    Manifest image = push(image(layer));
    cache.turn(DAY.minus(GRACE).minusSeconds(1));
    sweepTwice();
    assertStays(image);
    assertThat(hasLink(layer)).isTrue();
    cache.turn(GRACE.plusSeconds(1));
    sweepTwice();
    assertGone(image);
    assertThat(hasLink(layer)).isFalse();
  }

  @Test
  void itsBytesAreThenKeptAsLongAsThoseOfMirroredContent() throws Exception {
    push(image(layer));
    cache.turn(DAY);
    sweepForLong();
    assertThat(hasLink(layer)).isFalse();
    assertThat(cache.has(layer)).isTrue();
    cache.turn(MAX_IDLE);
    sweeper.sweepNow(1, false);
    assertThat(cache.has(layer)).isFalse();
  }

  @Test
  void useAndAnotherPushRenewTheGraceOfAnUntaggedImage() throws Exception {
    Manifest image = push(image(layer));
    cache.turn(DAY);
    cache.recent.manifest(ZoneName.HOSTED, NAME, image.digest(), cache.now());
    sweepTwice();
    assertStays(image);
    cache.turn(DAY);
    push(image);
    sweepTwice();
    assertStays(image);
    assertThat(hasLink(layer)).isTrue();
    cache.turn(DAY);
    sweepTwice();
    assertGone(image);
  }

  @Test
  void aManifestWithoutARecordOfUseCountsAsStoredAtTheFirstSweep() throws Exception {
    Manifest image = image(layer);
    cache.index.apply(List.of(Tables.MANIFESTS.put(at(image.digest()), image)));
    cache.turn(LONG);
    sweepTwice();
    assertStays(image);
    cache.turn(DAY);
    sweepTwice();
    assertGone(image);
  }

  @Test
  void anUntaggedIndexKeepsItsOldChildrenForItsGrace() throws Exception {
    Manifest image = push(image(layer));
    cache.turn(LONG);
    Manifest index = image(other);
    push(index);
    Manifest list = push(index(image));
    sweepTwice();
    assertStays(list, image);
    assertThat(hasLink(layer)).isTrue();
    cache.turn(DAY);
    sweepTwice();
    assertGone(list, image);
  }

  @Test
  void whatTheMovedTagLeavesGoesAndWhatBothShareStays() throws Exception {
    Digest shared = cache.blob(3);
    Manifest old = push(image(layer, shared));
    tag(TAG, old);
    cache.turn(LONG);
    Manifest current = push(image(other, shared));
    tag(TAG, current);
    cache.turn(DAY);
    sweepForLong();
    cache.turn(LONG);
    sweepForLong();
    assertGone(old);
    assertStays(current);
    assertThat(Stream.of(layer, shared, other).filter(cache::has)).containsExactly(shared, other);
    assertThat(hasLink(shared)).isTrue();
  }

  @Test
  void referrersOfWhatATagReachesStayWithTheirOwnReferrers() throws Exception {
    Manifest image = push(image(layer));
    Manifest signature = push(referrer(image.digest(), other));
    Manifest ofSignature = push(referrer(signature.digest()));
    tag(TAG, push(index(image)));
    cache.turn(LONG);
    sweepForLong();
    assertStays(image, signature, ofSignature);
    assertThat(cache.has(other)).isTrue();
  }

  @Test
  void referrersGoWithTheirSubject() throws Exception {
    Manifest image = push(image(layer));
    Manifest signature = push(referrer(image.digest(), other));
    cache.turn(DAY);
    sweepTwice();
    assertGone(image, signature);
  }

  @Test
  void aTaggedReferrerKeepsItsSubject() throws Exception {
    Manifest image = push(image(layer));
    tag(TAG, push(referrer(image.digest(), other)));
    cache.turn(LONG);
    sweepForLong();
    assertStays(image);
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void listingsOfReferrersStayWhileTheirSubjectIsReachedBeItThereOrNot() throws Exception {
    Digest absent = Digest.ofSha256(new byte[] {9});
    Digest unknown = Digest.ofSha256(new byte[] {8});
    Manifest image = push(image(layer));
    tag(TAG, image);
    tag(new Tag("sbom"), push(referrer(absent, other)));
    for (Digest subject : List.of(absent, unknown, image.digest())) {
      cache.index.apply(
          List.of(
              Tables.REFERRERS.put(
                  at(new Subject(subject, "")),
                  new ReferrersRecord(new byte[0], false, cache.now()))));
    }
    cache.turn(LONG);
    assertThat(sweeper.sweepNow(1, false).referrers()).isEqualTo(1);
    assertThat(cache.index.get(Tables.REFERRERS, at(new Subject(unknown, "")))).isEmpty();
    assertThat(cache.index.get(Tables.REFERRERS, at(new Subject(absent, "")))).isPresent();
  }

  @Test
  void aBuildCacheKeepsItsLayers() throws Exception {
    Manifest buildCache = push(buildCache(layer, other));
    tag(TAG, buildCache);
    cache.turn(LONG);
    sweepForLong();
    assertThat(hasLink(layer)).isTrue();
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void aRepositoryStaysAsItIsWhileATaggedManifestIsMissing() throws Exception {
    Manifest untagged = push(image(layer));
    Manifest tagged = push(image(other));
    tag(TAG, tagged);
    cache.index.apply(List.of(Tables.MANIFESTS.delete(at(tagged.digest()))));
    cache.turn(LONG);
    sweepForLong();
    assertStays(untagged);
    assertThat(cache.has(other)).isTrue();
    assertThat(hasLink(other)).isTrue();
    push(tagged);
    sweepTwice();
    assertGone(untagged);
  }

  @Test
  void aRepositoryStaysAsItIsWhileOneOfItsManifestsCannotBeParsed() throws Exception {
    Manifest untagged = push(image(layer));
    byte[] bytes = "{\"layers\":7}".getBytes(StandardCharsets.UTF_8);
    Manifest broken = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
    apply(
        Tables.MANIFESTS.put(at(broken.digest()), broken),
        Tables.LINKS.put(at(other), new LinkRecord(MediaType.OCTET_STREAM, 4096)));
    tag(TAG, broken);
    cache.turn(LONG);
    sweepForLong();
    assertStays(untagged, broken);
    assertThat(cache.has(other)).isTrue();
  }

  @Test
  void whatAnIndexNamesThatIsPushedDuringTheSweepStays() throws Exception {
    Manifest image = push(image(layer));
    Manifest gone = push(image(other));
    cache.turn(LONG);
    // It has looked at both manifests, and found that nothing reaches them.
    cache.afterLooks(
        2,
        () -> {
          apply(Manifests.storing(ZoneName.HOSTED, NAME, index(image)).getFirst());
          tag(TAG, index(image));
        });
    sweeper.sweepNow(1, false);
    assertStays(image);
    assertGone(gone);
    sweepForLong();
    assertThat(hasLink(layer)).isTrue();
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void anImageThatIsTaggedDuringTheSweepStays() throws Exception {
    Manifest image = push(image(layer));
    cache.turn(LONG);
    cache.afterLooks(1, () -> tag(TAG, image));
    sweeper.sweepNow(1, false);
    assertStays(image);
  }

  @Test
  void aPinnedImageNeedsNoTag() throws Exception {
    Manifest image = push(image(layer));
    Manifest index = push(index(image));
    cache.pinnedManifests.add(at(index.digest()));
    cache.turn(LONG);
    sweepForLong();
    assertStays(index, image);
    assertThat(cache.has(layer)).isTrue();
  }

  @Test
  void aDryRunTellsTheSameAndDeletesNothing() throws Exception {
    Manifest image = push(image(layer));
    cache.turn(LONG);
    SweepInfo dry = sweeper.sweepNow(1, true);
    assertStays(image);
    SweepInfo real = sweeper.sweepNow(1, false);
    assertThat(dry).usingRecursiveComparison().ignoringFields("dryRun", "seconds").isEqualTo(real);
    assertThat(real.manifests()).isEqualTo(1);
  }

  @Test
  void aTagReachesNothingInAnotherRepository() throws Exception {
    Manifest image = push(image(layer));
    tag(TAG, image);
    InRepository<Digest> elsewhere =
        new InRepository<>(ZoneName.HOSTED, new RepositoryName("app2"), image.digest());
    apply(Tables.MANIFESTS.put(elsewhere, image));
    cache.turn(LONG);
    sweepTwice();
    assertStays(image);
    assertThat(cache.index.get(Tables.MANIFESTS, elsewhere)).isEmpty();
  }

  private void sweepTwice() {
    assertThat(sweeper.sweepNow(1, false).outcome()).isEqualTo("done");
    cache.turn(GRACE);
    assertThat(sweeper.sweepNow(2, false).outcome()).isEqualTo("done");
    cache.turn(GRACE.negated());
  }

  /** So often that links and then their bytes would go. */
  private void sweepForLong() {
    sweepTwice();
    sweepTwice();
  }

  private Manifest push(Manifest manifest) {
    EntryDeletions.finish(cache.cached.apply(Manifests.storing(ZoneName.HOSTED, NAME, manifest)));
    cache.usage.flush();
    return manifest;
  }

  private void tag(Tag tag, Manifest manifest) {
    apply(Tables.TAGS.put(at(tag), target(manifest)));
  }

  private TagRecord target(Manifest manifest) {
    return new TagRecord(manifest.digest(), manifest.mediaType(), manifest.size(), cache.now());
  }

  /** By way of the cache, as what is stored while a server runs. */
  private void apply(Change... changes) {
    EntryDeletions.finish(cache.cached.apply(List.of(changes)));
  }

  private static <N> InRepository<N> at(N name) {
    return new InRepository<>(ZoneName.HOSTED, NAME, name);
  }

  private boolean hasTag(Tag tag) {
    return cache.index.get(Tables.TAGS, at(tag)).isPresent();
  }

  private boolean hasLink(Digest blob) {
    return cache.index.get(Tables.LINKS, at(blob)).isPresent();
  }

  private void assertStays(Manifest... manifests) {
    assertThat(manifests).allMatch(this::isThere);
  }

  private void assertGone(Manifest... manifests) {
    assertThat(manifests).noneMatch(this::isThere);
  }

  private boolean isThere(Manifest manifest) {
    return cache.index.get(Tables.MANIFESTS, at(manifest.digest())).isPresent();
  }
}
