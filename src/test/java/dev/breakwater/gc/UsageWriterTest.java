package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.testing.TestImage;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UsageWriterTest {
  private static final ZoneName ZONE = new ZoneName("docker.io");
  private static final RepositoryName NAME = new RepositoryName("library/nginx");
  private static final TestImage IMAGE = TestImage.oci().seed(1).layers(2, 100).build();
  private static final TestImage OTHER =
      TestImage.oci().seed(2).platform("linux/arm64").layer(100).build();

  @TempDir Path data;
  private final Digest digest = Digest.ofSha256(new byte[] {1});
  private CacheFixture cache;

  @BeforeEach
  void open() throws Exception {
    cache = new CacheFixture(data, 1 << 20);
  }

  @AfterEach
  void close() throws Exception {
    cache.close();
  }

  @Test
  void nothingIsWrittenBeforeItsTimeAndThenTheTimeOfUse() {
    long used = cache.now();
    cache.recent.blob(digest, used);
    assertThat(cache.index.get(Tables.BLOB_USAGE, digest)).isEmpty();
    assertThat(cache.recent.isRecent(digest)).isTrue();
    cache.turn(Duration.ofSeconds(30));
    cache.usage.flush();
    assertThat(cache.index.get(Tables.BLOB_USAGE, digest)).contains(new UsageRecord(used, 1));
    assertThat(cache.recent.isRecent(digest)).isFalse();
  }

  @Test
  void aThousandUsesAtOnceAreOneAndLaterOnesAdd() {
    for (int i = 0; i < 1000; i++) {
      cache.recent.blob(digest, cache.now());
    }
    cache.usage.flush();
    cache.turn(UsageScore.DEFAULT.halfLife());
    cache.recent.blob(digest, cache.now());
    cache.usage.flush();
    assertThat(cache.index.get(Tables.BLOB_USAGE, digest))
        .contains(new UsageRecord(cache.now(), 1.5));
  }

  @Test
  void theUseOfAManifestIsAUseOfWhatItNames() {
    put(IMAGE);
    cache.recent.manifest(ZONE, NAME, IMAGE.digest(), cache.now());
    cache.usage.flush();
    assertThat(
            cache.index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, NAME, IMAGE.digest())))
        .isPresent();
    assertThat(IMAGE.blobs().keySet())
        .allMatch(
            blob ->
                cache.index.get(Tables.BLOB_USAGE, blob).orElseThrow().lastUse() == cache.now());
  }

  @Test
  void theUseOfAnIndexIsAUseOfTheImagesThatAreHere() {
    TestImage both = TestImage.ociIndex(IMAGE, OTHER);
    put(both);
    put(IMAGE);
    cache.recent.manifest(ZONE, NAME, both.digest(), cache.now());
    cache.usage.flush();
    assertThat(
            cache.index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, NAME, IMAGE.digest())))
        .isPresent();
    assertThat(
            cache.index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, NAME, OTHER.digest())))
        .isEmpty();
    assertThat(IMAGE.blobs().keySet())
        .allMatch(blob -> cache.index.get(Tables.BLOB_USAGE, blob).isPresent());
  }

  @Test
  void aManifestThatIsAskedForAllTheTimeIsLookedIntoNowAndThen() {
    put(IMAGE);
    for (int minute = 0; minute < 30; minute++) {
      cache.recent.manifest(ZONE, NAME, IMAGE.digest(), cache.now());
      cache.usage.flush();
      cache.turn(Duration.ofMinutes(1));
    }
    assertThat(cache.index.get(Tables.BLOB_USAGE, IMAGE.layer(0).digest()).orElseThrow().uses())
        .isBetween(2.9, 3.0);
  }

  @Test
  void aManifestThatCannotBeReadIsUsedAllTheSame() {
    byte[] bytes = {'{'};
    Manifest broken = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
    cache.index.apply(
        List.of(Tables.MANIFESTS.put(new InRepository<>(ZONE, NAME, broken.digest()), broken)));
    cache.recent.manifest(ZONE, NAME, broken.digest(), cache.now());
    cache.usage.flush();
    assertThat(
            cache.index.get(Tables.MANIFEST_USAGE, new InRepository<>(ZONE, NAME, broken.digest())))
        .isPresent();
  }

  private void put(TestImage image) {
    cache.index.apply(
        List.of(
            Tables.MANIFESTS.put(
                new InRepository<>(
                    ZONE,
                    NAME,
                    new Manifest(image.digest(), image.mediaType(), image.manifest().bytes())
                        .digest()),
                new Manifest(image.digest(), image.mediaType(), image.manifest().bytes()))));
  }
}
