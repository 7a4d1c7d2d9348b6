package dev.breakwater.mirror.download;

import dev.breakwater.upstream.UpstreamException;
import io.vertx.core.buffer.Buffer;

/** What happens to a download. Events are handled one after another, on its context. */
sealed interface Event {
  /**
   * Upstream sends.
   *
   * @param size of the blob, or -1 if only the end will tell; told again if it turns out to be
   *     another
   */
  record Answered(long size) implements Event {}

  /** Bytes have come from upstream. */
  record Arrived(long offset, Buffer bytes) implements Event {}

  /** A segment was opened to go on after one that broke. */
  record Resumed() implements Event {}

  /** All bytes have come; the blob's size. */
  record Received(long size) implements Event {}

  /** The rest will not come. */
  record UpstreamFailed(UpstreamException cause) implements Event {}

  /** Some of what waited for the disk is done. */
  record Progressed() implements Event {}

  /** The disk has no room or refuses: the blob will not be kept. */
  record DiskRefused(DiskFailureException cause) implements Event {}

  /** What was written cannot be read back: the rest cannot be proven. */
  record DiskFailed(DiskFailureException cause) implements Event {}

  /** Everything is hashed and has the digest. */
  record Proven() implements Event {}

  /** Everything is hashed and does not have the digest. */
  record Mismatched(UpstreamException cause) implements Event {}

  /** The wait after a wrong digest is over. */
  record RetryDue() implements Event {}

  /** The blob is in the store, durably. */
  record Committed() implements Event {}

  /** The blob is in the index. */
  record Published() implements Event {}

  /** The index did not take the blob. */
  record NotPublished(Throwable cause) implements Event {}

  /** The first client has come. */
  record Awaited() implements Event {}

  /** The last client has left, and the download goes on for the next one. */
  record Unread() implements Event {}

  /** No client reads, and the download is not worth going on with. */
  record Abandoned(UpstreamException cause) implements Event {}

  /** The server stops. */
  record Stopped(UpstreamException cause) implements Event {}

  /** The part file is closed. */
  record FileClosed() implements Event {}
}
