package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.RequestMatcher;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that is set, by a person or a time server, is no reason to delete or refuse anything. */
class ClockJumpTest extends UpstreamFaults {
  private volatile Duration offset = Duration.ZERO;

  private final class SetClock extends Clock {
    @Override
    public ZoneId getZone() {
      return ZoneOffset.UTC;
    }

    @Override
    public Clock withZone(ZoneId zone) {
      return this;
    }

    @Override
    public Instant instant() {
      return Instant.now().plus(offset);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"P1D", "-P1D", "P40D", "-P40D"})
  void everythingIsStillThereAndRight(String jump) throws Exception {
    start(
        registry(), mirror -> mirror.clock(new SetClock()).set("BREAKWATER_CACHE_TAG_TTL", "60s"));
    pull(image);
    int fetched = upstream.count(RequestMatcher.blobBytes());
    offset = Duration.parse(jump);
    assertRight(manifest(), image.manifest());
    for (Content blob : image.blobs().values()) {
      assertRight(fetch(blob), blob);
    }
    assertThat(upstream.count(RequestMatcher.blobBytes()))
        .as("nothing fetched again")
        .isEqualTo(fetched);
    assertThat(mirror.storedBlobs()).hasSize(image.blobs().size());
    upstream.goDown();
    assertRight(manifest(), image.manifest());
    assertRight(fetch(layer), layer);
  }
}
