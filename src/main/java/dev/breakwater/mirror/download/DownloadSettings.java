package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import java.time.Duration;

/** The numbers of the miss path. */
public record DownloadSettings(
    Answers answers,
    Buffers buffers,
    Retries retries,
    Segments segments,
    Unread unread,
    Limits limits) {

  /**
   * When an answer begins, and what of it is sent before the proof.
   *
   * @param holdBack bytes at the end of a whole answer that wait for the digest's proof
   * @param proveFirst blobs up to this size are proven before any of it is sent, so that a bad one
   *     ends in a clean error
   * @param headers how long an answer waits for upstream's word before it goes out on what the
   *     manifest says of the size
   * @param provePatience how long a blob up to {@code proveFirst} may take to be proven before its
   *     answer begins all the same, without its last bytes
   * @param longest how long an answer waits at the most for its head
   */
  public record Answers(
      long holdBack, long proveFirst, Duration headers, Duration provePatience, Duration longest) {}

  /**
   * What is held in memory.
   *
   * @param backlog bytes that may wait for the disk before upstream is paused
   * @param writeBatch bytes gathered for one write
   * @param all bytes of all downloads together above which each holds no more than it must
   * @param standstill how long readers who lag may keep an uncached download, and so everyone else
   *     who reads from it, from going on
   */
  public record Buffers(long backlog, long writeBatch, long all, Duration standstill) {}

  /**
   * How a transfer that breaks is taken up again.
   *
   * @param most how often without having moved on
   * @param firstWait the first wait before that; doubled each time, with jitter
   */
  public record Retries(int most, Duration firstWait) {}

  /**
   * How a blob is divided.
   *
   * @param above blobs from this size on may be fetched as several segments
   * @param size half of the least that a segment asks for where more is missing
   * @param opening the most that the first request asks for where it is unknown whether segments
   *     pay
   * @param near bytes ahead of a transfer that a reader waits for instead of having them asked for
   * @param tick how often a download looks at its pace
   */
  public record Segments(long above, long size, long opening, long near, Duration tick) {}

  /**
   * Which downloads go on when every client has left.
   *
   * @param missing those with fewer bytes to come
   * @param share and those of which this share is here
   * @param longest but only while they will end within that time
   */
  public record Unread(long missing, double share, Duration longest) {
    /**
     * Whether one is worth going on with, for the next client.
     *
     * @param size of the blob, or -1
     * @param received bytes that are here
     */
    boolean isWorthFinishing(long size, long received) {
      return size >= 0 && (size - received < missing || received >= size * share);
    }
  }

  /**
   * How much there may be.
   *
   * @param downloads at once; more wait
   * @param transfers from one upstream at once before further segments and prefetches wait
   * @param blob size above which a blob is refused
   */
  public record Limits(int downloads, int transfers, long blob) {}

  /** Those of a server. */
  public static final DownloadSettings DEFAULT =
      new DownloadSettings(
          new Answers(
              32 * 1024,
              1024 * 1024,
              Duration.ofSeconds(20),
              Duration.ofSeconds(5),
              Duration.ofSeconds(25)),
          new Buffers(2 * 1024 * 1024, 256 * 1024, 32L * 1024 * 1024, Duration.ofSeconds(10)),
          new Retries(5, Duration.ofMillis(100)),
          new Segments(
              8 * 1024 * 1024,
              2 * 1024 * 1024,
              16 * 1024 * 1024,
              512 * 1024,
              Duration.ofMillis(100)),
          new Unread(64 * 1024 * 1024, 0.25, Duration.ofMinutes(10)),
          new Limits(128, 32, Digest.LARGEST_CONTENT));
}
