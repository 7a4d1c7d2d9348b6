package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.storage.PresentRanges;
import dev.breakwater.storage.PresentRanges.Range;
import dev.breakwater.upstream.UpstreamException;
import io.vertx.core.buffer.Buffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class SegmentPlanTest {
  private static final long MIB = 1024 * 1024;
  private static final long SIZE = 100 * MIB;

  private final List<Segment> running = new ArrayList<>();
  private final BlobSource source = ScriptedSource.silent();
  private FileChannel file;

  @BeforeEach
  void open() throws Exception {
    file = FileChannel.open(Path.of("/dev/null"));
  }

  @AfterEach
  void close() throws Exception {
    file.close();
  }

  private SegmentPlan plan(Range... present) {
    PresentRanges ranges = new PresentRanges();
    for (Range range : present) {
      ranges.add(range.start(), range.end());
    }
    return new SegmentPlan(
        new GrowingBlob(file, ranges, new DownloadMemory(SIZE)),
        DownloadSettings.DEFAULT.segments());
  }

  private void run(long start, long end) {
    running.add(new Segment(DIGEST, source, start, end, new Silent()));
  }

  private static Throughput settled(int segments) {
    return new Throughput(16, new SegmentHint(segments, false));
  }

  @Test
  void oneSegmentTakesTheWholeGap() {
    assertThat(plan(new Range(0, 3 * MIB)).next(SIZE, running, settled(1)))
        .contains(new Range(3 * MIB, SIZE));
  }

  @Test
  void segmentsThatAreToStaySoManyTakeEvenShares() {
    for (int n = 0; n < 4; n++) {
      Range next = plan().next(SIZE, running, settled(4)).orElseThrow();
      assertThat(next).isEqualTo(new Range(n * SIZE / 4, (n + 1) * SIZE / 4));
      run(next.start(), next.end());
    }
    assertThat(plan().next(SIZE, running, settled(4))).isEmpty();
  }

  @Test
  void whereMoreMayComeThereIsWorkLeftForThem() {
    Throughput growing = new Throughput(16, new SegmentHint(4, true));
    for (int n = 0; n < 4; n++) {
      Range next = plan().next(SIZE, running, growing).orElseThrow();
      run(next.start(), next.end());
    }
    assertThat(running.getLast().end()).isEqualTo(SIZE / 2);
  }

  @Test
  void gapsBetweenWhatIsHereAndWhatIsOnItsWayAreFilledFirst() {
    run(10 * MIB, 20 * MIB);
    SegmentPlan plan = plan(new Range(0, 5 * MIB), new Range(30 * MIB, SIZE));
    assertThat(plan.next(SIZE, running, settled(4))).contains(new Range(5 * MIB, 10 * MIB));
    run(5 * MIB, 10 * MIB);
    assertThat(plan.next(SIZE, running, settled(4)).orElseThrow().start()).isEqualTo(20 * MIB);
  }

  @Test
  void noRestIsLeftThatIsNotWorthARequest() {
    assertThat(plan(new Range(5 * MIB, SIZE)).next(SIZE, running, settled(4)))
        .contains(new Range(0, 5 * MIB));
  }

  @Test
  void onlyASegmentWithFarToGoGivesAwayItsSecondHalf() {
    run(0, 10 * MIB);
    assertThat(plan().longest(running)).isEmpty();
    run(10 * MIB, 40 * MIB);
    assertThat(plan().longest(running)).contains(running.get(1));
  }

  @Test
  void theFirstRequestIsForAPartOfWhatIsMissing() {
    assertThat(plan().opening(SIZE)).isEqualTo(new Range(0, 16 * MIB));
    assertThat(plan(new Range(0, MIB)).opening(20 * MIB)).isEqualTo(new Range(MIB, 6 * MIB));
  }

  private static final Digest DIGEST = Digest.of(DigestAlgorithm.SHA256, new byte[0]);

  /** Segments that are never opened have nothing to tell. */
  private static final class Silent implements Segment.Events {
    @Override
    public void answered(Segment segment, OptionalLong total) {}

    @Override
    public void arrived(Segment segment, long offset, Buffer bytes) {}

    @Override
    public void over(Segment segment, @Nullable UpstreamException cause) {}
  }
}
