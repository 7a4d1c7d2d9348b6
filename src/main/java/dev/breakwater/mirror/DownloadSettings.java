package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import java.time.Duration;

/**
 * The numbers of the miss path.
 *
 * @param holdBack bytes at the end of a whole answer that wait for the digest's proof
 * @param proveFirst blobs up to this size are proven before any of it is sent, so that a bad one
 *     ends in a clean error
 * @param backlog bytes that may wait for the disk before upstream is paused
 * @param writeBatch bytes gathered for one write
 * @param resumes how often a broken transfer is taken up again without having moved on
 * @param resumeDelay the first wait before that; doubled each time, with jitter
 * @param headers how long an answer waits for upstream's word before it goes out on what the
 *     manifest says of the size
 * @param provePatience how long a blob up to {@code proveFirst} may take to be proven before its
 *     answer begins all the same, without its last bytes
 * @param answer how long an answer waits at the most for its head
 * @param finishBelow a download that every client has left goes on if fewer bytes are missing
 * @param finishShare or if this share of it is here
 * @param tick how often a download looks at its pace
 * @param segmentAbove blobs from this size on may be fetched as several segments
 * @param segment half of the least that a segment asks for where more is missing
 * @param opening the most that the first request asks for where it is unknown whether segments pay
 * @param near bytes ahead of a transfer that a reader waits for instead of having them asked for
 * @param transfers how many transfers from one upstream run at once before further segments and
 *     prefetches wait
 * @param memory bytes of all downloads together above which each holds no more than it must
 * @param downloads downloads at once; more wait
 * @param standstill how long readers who lag may keep a download that passes through memory, and so
 *     everyone else who reads from it, from going on
 * @param idleEnd a download that no client reads goes on only while it will end within that time
 * @param largest size of a blob above which it is refused
 */
record DownloadSettings(
    long holdBack,
    long proveFirst,
    long backlog,
    long writeBatch,
    int resumes,
    Duration resumeDelay,
    Duration headers,
    Duration provePatience,
    Duration answer,
    long finishBelow,
    double finishShare,
    Duration tick,
    long segmentAbove,
    long segment,
    long opening,
    long near,
    int transfers,
    long memory,
    int downloads,
    Duration standstill,
    Duration idleEnd,
    long largest) {

  static final DownloadSettings DEFAULT =
      new DownloadSettings(
          32 * 1024,
          1024 * 1024,
          2 * 1024 * 1024,
          256 * 1024,
          5,
          Duration.ofMillis(100),
          Duration.ofSeconds(20),
          Duration.ofSeconds(5),
          Duration.ofSeconds(25),
          64 * 1024 * 1024,
          0.25,
          Duration.ofMillis(100),
          8 * 1024 * 1024,
          2 * 1024 * 1024,
          16 * 1024 * 1024,
          512 * 1024,
          32,
          32L * 1024 * 1024,
          128,
          Duration.ofSeconds(10),
          Duration.ofMinutes(10),
          Digest.LARGEST_CONTENT);

  /**
   * Whether a download that every client has left goes on, for the next client.
   *
   * @param size of the blob, or -1
   * @param received bytes that are here
   */
  boolean isWorthFinishing(long size, long received) {
    return size >= 0 && (size - received < finishBelow || received >= size * finishShare);
  }
}
