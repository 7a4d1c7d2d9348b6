package dev.breakwater.faults;

import static dev.breakwater.testing.Faults.status;
import static dev.breakwater.testing.Faults.tooManyRequests;
import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.FaultyRegistryBuilder;
import dev.breakwater.testing.TestImage;
import org.junit.jupiter.api.Test;

/** Large blobs from an upstream that limits each connection come by several. */
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
    // What is cut off where another segment began may have been on its way already.
    assertThat(upstream.bytesSent(blob.digest())).isBetween((long) SIZE, SIZE * 5L / 4);
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
    upstream.on(blobBytes(blob.digest()).ranged()).times(3).then(tooManyRequests());
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
