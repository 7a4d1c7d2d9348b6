package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ThroughputTest {
  private static final long MANY = 10_000_000_000L;
  private static final double TICK = 0.1;

  private long bytes;

  /** Ticks with bytes at this pace, by as many segments as wanted. */
  private void send(Throughput throughput, double bytesPerSecond, int ticks) {
    for (int tick = 0; tick < ticks; tick++) {
      bytes += Math.round(bytesPerSecond * TICK);
      throughput.tick(bytes, MANY, TICK, true);
    }
  }

  @Test
  void eachConnectionThatIsHeldBackIsHelpedByMoreUntilTheMost() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    send(throughput, 20e6, 2);
    assertThat(throughput.target()).isEqualTo(4);
    send(throughput, 80e6, 1);
    assertThat(throughput.target()).isEqualTo(8);
    send(throughput, 149e6, 1);
    assertThat(throughput.target()).isEqualTo(16);
    assertThat(throughput.mayGrow()).isFalse();
    assertThat(throughput.isSettled())
        .as("whether 16 are better than 8 is to be found out")
        .isFalse();
    send(throughput, 300e6, 1);
    assertThat(throughput.hint()).contains(new SegmentHint(16, false));
  }

  @Test
  void aStepThatBringsNothingIsTheLastAndTheNextDownloadDoesNotTakeIt() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    send(throughput, 20e6, 2);
    send(throughput, 80e6, 1);
    send(throughput, 81e6, 5);
    assertThat(throughput.target()).isEqualTo(8);
    assertThat(throughput.isSettled()).isTrue();
    assertThat(throughput.hint()).contains(new SegmentHint(4, false));
  }

  @Test
  void anUpstreamThatIsFastOnOneConnectionKeepsOne() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    send(throughput, 400e6, 5);
    assertThat(throughput.target()).isEqualTo(1);
    assertThat(throughput.hint()).contains(new SegmentHint(1, true));
  }

  @Test
  void aDownloadThatEndsBeforeItsGainIsMeasuredTeachesByItsEnd() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    throughput.skip(0, 0);
    throughput.tick(2_000_000, 18_000_000, TICK, true);
    assertThat(throughput.target()).isEqualTo(4);
    throughput.tick(8_000_000, 12_000_000, TICK, false);
    throughput.skip(14_000_000, TICK);
    throughput.complete(20_000_000, TICK);
    assertThat(throughput.hint()).contains(new SegmentHint(4, true));
  }

  @Test
  void aStepWhoseEndWasNoFasterTeachesNothing() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    throughput.skip(0, 0);
    throughput.tick(2_000_000, 18_000_000, TICK, true);
    throughput.complete(20_000_000, 9 * TICK);
    assertThat(throughput.hint()).isEmpty();
  }

  @Test
  void whatIsNearlyHereIsNotWorthMoreConnectionsAndTeachesNothing() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    throughput.tick(2_000_000, 6_000_000, TICK, true);
    throughput.tick(4_000_000, 4_000_000, TICK, true);
    assertThat(throughput.target()).isEqualTo(1);
    assertThat(throughput.hint()).isEmpty();
  }

  @Test
  void aLessonIsWhereTheNextDownloadBegins() {
    Throughput settled = new Throughput(16, new SegmentHint(8, false));
    assertThat(settled.target()).isEqualTo(8);
    assertThat(settled.isSettled()).isTrue();
    Throughput limited = new Throughput(4, new SegmentHint(8, true));
    assertThat(limited.target()).isEqualTo(4);
    assertThat(limited.mayGrow()).isFalse();
  }

  @Test
  void aTickInWhichWeHeldUpstreamBackSaysNothing() {
    Throughput throughput = new Throughput(16, new SegmentHint(1, true));
    throughput.skip(1_000_000, TICK);
    throughput.tick(3_000_000, MANY, TICK, false);
    assertThat(throughput.target()).isEqualTo(1);
  }
}
