package dev.breakwater.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.testing.Content;
import dev.breakwater.testing.RequestMatcher;
import dev.breakwater.testing.TurnedClock;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A clock that is set, by a person or a time server, is no reason to delete or refuse anything. */
class ClockJumpTest extends UpstreamFaults {
  private final TurnedClock clock = TurnedClock.running();

  @ParameterizedTest
  @ValueSource(strings = {"P1D", "-P1D", "P40D", "-P40D"})
  void everythingIsStillThereAndRight(String jump) throws Exception {
    start(registry(), mirror -> mirror.clock(clock).set("BREAKWATER_CACHE_TAG_TTL", "60s"));
    pull(image);
    int fetched = upstream.count(RequestMatcher.blobBytes());
    clock.turn(Duration.parse(jump));
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
