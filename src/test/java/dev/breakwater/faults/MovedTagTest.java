package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TestImage;
import dev.breakwater.testing.TurnedClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** Tags that upstream moves or deletes. */
class MovedTagTest extends UpstreamFaults {
  private static final Duration TTL = Duration.ofSeconds(60);

  private final TestImage newer = TestImage.docker().seed(2).layer(100_000).build();
  private final TurnedClock clock = TurnedClock.standing();

  private String deletedTags = "keep";

  @Override
  void start() throws Exception {
    start(
        registry(),
        mirror ->
            mirror
                .clock(clock)
                .set("BREAKWATER_CACHE_TAG_TTL", TTL.toSeconds() + "s")
                .set("BREAKWATER_CACHE_NEGATIVE_TTL", "0s")
                .set("BREAKWATER_CACHE_DELETED_TAGS", deletedTags));
    pull(image);
  }

  @Test
  void movedTagIsSeenWhenItsTimeIsOverAndNotBefore() throws Exception {
    start();
    upstream.put(NGINX, newer).moveTag(NGINX, TAG, newer);
    int asked = upstream.requests().size();
    clock.turn(TTL.minusSeconds(1));
    assertRight(manifest(), image.manifest());
    assertThat(upstream.requests()).hasSize(asked);
    clock.turn(Duration.ofSeconds(1));
    pull(newer);
    assertThat(upstream.count(RequestMatcher.manifest().get())).isEqualTo(2);
  }

  @Test
  void imageThatTheTagMeantBeforeIsStillThereByItsDigest() throws Exception {
    start();
    upstream.put(NGINX, newer).moveTag(NGINX, TAG, newer);
    clock.turn(TTL);
    pull(newer);
    upstream.deleteManifest(NGINX, image.digest());
    assertImageIsThereByDigest();
  }

  @Test
  void tagThatMovedBackCostsNothingButTheQuestion() throws Exception {
    start();
    upstream.put(NGINX, newer).moveTag(NGINX, TAG, newer);
    clock.turn(TTL);
    pull(newer);
    upstream.moveTag(NGINX, TAG, image);
    clock.turn(TTL);
    int gets = upstream.count(RequestMatcher.any().get());
    pull(image);
    assertThat(upstream.count(RequestMatcher.any().get())).isEqualTo(gets);
  }

  @Test
  void clockThatIsSetBackMakesNoTagLiveForever() throws Exception {
    start();
    upstream.put(NGINX, newer).moveTag(NGINX, TAG, newer);
    clock.turn(Duration.ofDays(-40));
    pull(newer);
  }

  @Test
  void deletedTagIsServedOnAndSaysSo() throws Exception {
    start();
    upstream.deleteTag(NGINX, TAG);
    clock.turn(TTL);
    Reply kept = manifest();
    assertStale(kept, image.manifest());
    assertThat(kept.header("Cache-Status"))
        .isEqualTo("breakwater; fwd=stale; fwd-status=404; detail=deleted-upstream");
    assertThat(mirror.metric("stale_answers_total", "reason=\"deleted\"")).isEqualTo(1);
    upstream.goDown();
    assertStale(manifest(), image.manifest());
  }

  @Test
  void deletedTagIsUnknownAndItsImageIsStillThereByDigest() throws Exception {
    deletedTags = "drop";
    start();
    upstream.deleteTag(NGINX, TAG);
    clock.turn(TTL);
    assertManifestUnknown(manifest());
    assertImageIsThereByDigest();
    // Forgotten for good: an outage afterwards does not bring it back.
    upstream.goDown();
    assertUnavailable(manifest());
    assertImageIsThereByDigest();
  }

  @Test
  void deletedRepositoryIsUnknownAndItsImagesAreStillThereByDigest() throws Exception {
    deletedTags = "drop";
    start();
    upstream.deleteRepository(NGINX);
    clock.turn(TTL);
    assertManifestUnknown(manifest());
    assertImageIsThereByDigest();
  }

  private void assertImageIsThereByDigest() {
    assertRight(client.manifest(NGINX, image.digest()), image.manifest());
    for (Content blob : image.blobs().values()) {
      assertRight(fetch(blob), blob);
    }
  }
}
