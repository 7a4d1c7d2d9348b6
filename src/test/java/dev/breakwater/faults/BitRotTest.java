package dev.breakwater.faults;

import static dev.breakwater.testing.RequestMatcher.blobBytes;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.RunningMirror;
import dev.breakwater.oci.Digest;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Bits flip on the disk; clients never notice where the mirror can.
 *
 * <pre>
 * mvn test -Dtest=BitRotTest -Dbreakwater.bitFlips=1000
 * </pre>
 */
class BitRotTest extends UpstreamFaults {
  private static final int FLIPS = Integer.getInteger("breakwater.bitFlips", 20);
  private static final int LAYERS_OF_AN_IMAGE = 20;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private final List<Content> blobs = new ArrayList<>();
  private final Random random = new Random(42);

  /** As many cached blobs as bits will flip, and as many more. */
  private void cacheBlobs() throws Exception {
    start(registry());
    while (blobs.size() < 2 * FLIPS) {
      var builder = TestImage.oci().seed(blobs.size());
      for (int i = 0; i < LAYERS_OF_AN_IMAGE; i++) {
        builder.layer(1000 + random.nextInt(100_000));
      }
      TestImage image = builder.build();
      upstream.put(NGINX, "rot" + blobs.size(), image);
      assertRight(client.manifest(NGINX, "rot" + blobs.size()), image.manifest());
      for (int i = 0; i < LAYERS_OF_AN_IMAGE; i++) {
        assertRight(fetch(image.layer(i)), image.layer(i));
        blobs.add(image.layer(i));
      }
    }
    mirror.awaitNoDownloads();
  }

  private void flipBits() throws IOException {
    for (int i = 0; i < FLIPS; i++) {
      Content blob = blobs.get(2 * i);
      flip(file(blob.digest()), random.nextLong(blob.size()), random.nextInt(8));
    }
  }

  private static void flip(Path file, long at, int bit) throws IOException {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ (1 << bit))}), at);
    }
  }

  private Path file(Digest digest) {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private void restart(boolean cleanly, String rate) throws Exception {
    client.close();
    mirror.close();
    if (!cleanly) {
      // What a killed process leaves.
      Files.writeString(data.resolve("lock"), "4711\n");
    }
    mirrorOf(RunningMirror.of(upstream, data).set("BREAKWATER_SCRUB_RATE", rate));
  }

  /** Waits until as many are counted as bits were flipped. */
  private void awaitCount(String metric) {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (mirror.metric(metric) < FLIPS && System.nanoTime() < deadline) {
      Thread.onSpinWait();
    }
    assertThat(mirror.metric(metric)).as(metric).isEqualTo(FLIPS);
  }

  @Test
  void oneScrubFindsAllOfThemAndTheyAreFetchedAgain() throws Exception {
    cacheBlobs();
    restart(true, "10GiB/s");
    flipBits();
    mirror.post("/api/scrub");
    awaitCount("blobs_healed_total");
    assertThat(mirror.metric("blobs_damaged_total")).isEqualTo(FLIPS);
    int before = upstream.count(blobBytes());
    for (Content blob : blobs) {
      assertRight(fetch(blob), blob);
    }
    assertThat(upstream.count(blobBytes())).as("they were there").isEqualTo(before);
    System.out.println(
        FLIPS
            + " bits flipped: one scrub found "
            + mirror.metric("blobs_damaged_total")
            + ", healed "
            + mirror.metric("blobs_healed_total"));
  }

  @Test
  void afterAnUncleanStopNoneIsServedAndEachIsHealedByTheRequestThatMeetsIt() throws Exception {
    cacheBlobs();
    flipBits();
    try (CapturedLog log = CapturedLog.of("dev.breakwater.app.ServedCache")) {
      restart(false, "off");
      assertThat(log.lines()).contains("INFO unclean stop: verifying blobs as they are served");
    }
    for (Content blob : blobs) {
      assertRight(fetch(blob), blob);
    }
    mirror.awaitNoDownloads();
    // Damage is counted on the thread that heals, whichever reader has met it.
    awaitCount("blobs_damaged_total");
    assertThat(mirror.metric("blobs_healed_total")).isEqualTo(FLIPS);
    System.out.println(
        FLIPS + " bits flipped before an unclean stop: no bad body, all healed on reading");
  }

  @Test
  void whatWasNotReadAfterAnUncleanStopIsDoubtedAfterTheNextCleanStartToo() throws Exception {
    cacheBlobs();
    flipBits();
    restart(false, "off");
    restart(true, "off");
    for (Content blob : blobs) {
      assertRight(fetch(blob), blob);
    }
  }

  @Test
  void aClientThatGotABadBodyGetsTheRightOneWhenItAsksAgain() throws Exception {
    cacheBlobs();
    restart(true, "off");
    flipBits();
    for (int i = 0; i < FLIPS; i++) {
      Content blob = blobs.get(2 * i);
      assertThat(fetch(blob).verdict(blob))
          .as("nothing told of the flip, and clients check")
          .isEqualTo(Reply.Verdict.WRONG);
      assertRight(fetch(blob), blob);
    }
  }
}
