package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.TestImage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Large blobs from an upstream that limits each connection come by several. */
@Tag("slow")
class SegmentedFetchTest extends UpstreamFaults {
  private static final int SIZE = 16 * 1024 * 1024;
  private static final long RATE = 8 * 1024 * 1024;

  private final TestImage large = TestImage.oci().seed(7).layer(SIZE).build();
  private final Content blob = large.layer(0);

  private void startLimited(FaultyRegistryBuilder registry) throws Exception {
    start(registry.ratePerConnection(RATE));
    upstream.put(NGINX, "large", large);
    assertRight(client.manifest(NGINX, "large"), large.manifest());
  }

  private int ranged() {
    return upstream.count(blobBytes(blob.digest()).ranged());
  }

  @Test
  void aLimitedConnectionIsHelpedByOthersAndNothingIsFetchedTwice() throws Exception {
    startLimited(registry());
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(ranged()).as("segments").isPositive();
    // A segment that is split at the very end may have had more on its way already.
    assertThat(upstream.bytesSent(blob.digest())).isBetween((long) SIZE, SIZE * 9L / 8);
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }

  @Test
  void theNextBlobBeginsWithTheSegmentsThatPaid() throws Exception {
    startLimited(registry());
    TestImage next = TestImage.oci().seed(8).layer(SIZE).build();
    upstream.put(NGINX, "next", next);
    assertRight(client.manifest(NGINX, "next"), next.manifest());
    assertRight(fetch(blob), blob);
    assertRight(fetch(next.layer(0)), next.layer(0));
    mirror.awaitNoDownloads();
    assertThat(upstream.count(blobBytes(next.layer(0).digest()).unranged())).isZero();
    assertThat(upstream.count(blobBytes(next.layer(0).digest()).ranged()))
        .isGreaterThanOrEqualTo(4);
  }

  @Test
  void anUpstreamThatStumblesOverTheFirstRangeIsAskedForEverything() throws Exception {
    startLimited(registry());
    upstream.on(blobBytes(blob.digest()).ranged()).then(status(416));
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }

  @Test
  void anUpstreamThatIgnoresRangesSendsTheBlobOnce() throws Exception {
    startLimited(registry().withoutRanges());
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }

  @Test
  void anUpstreamThatRefusesMoreConnectionsSendsTheBlobByOne() throws Exception {
    startLimited(registry());
    upstream.on(blobBytes(blob.digest()).ranged()).after(1).times(3).then(tooManyRequests());
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }

  @Test
  void segmentsThatFailAreTakenOverByTheOthers() throws Exception {
    startLimited(registry());
    upstream.on(blobBytes(blob.digest()).ranged()).after(1).times(2).then(status(500));
    assertRight(fetch(blob), blob);
    mirror.awaitNoDownloads();
    assertThat(mirror.keeps(blob.digest())).isTrue();
  }
}
