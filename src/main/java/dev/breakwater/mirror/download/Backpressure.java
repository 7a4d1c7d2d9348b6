package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Holds upstream to the pace of the disk, or without one to that of the slowest follower. */
final class Backpressure {
  /*
   * Upstream is paused when more bytes wait than the allowance, and goes on when half of them are
   * gone. Without a disk they wait for the slowest follower, who cannot hold the others up for
   * good: when the download has stood still for Buffers.standstill while some wait for
   * more, those who keep more than half the allowance in memory are ended short, and it goes on
   * without them.
   */

  private static final Logger log = LoggerFactory.getLogger(Backpressure.class);

  private final Context context;
  private final Digest digest;
  private final GrowingBlob bytes;
  private final DownloadMemory memory;
  private final DownloadSettings.Buffers settings;
  private final Supplier<Attempt> attempt;
  private final DownloadFollowers followers;
  private final BooleanSupplier answersBegin;
  private final Standstill standstill;
  private volatile boolean diskless;
  private boolean droppedReaders;

  /**
   * Nothing waits yet. Made on the download's context.
   *
   * @param attempt the one under way, which is paused
   * @param answersBegin whether followers may be sent something yet
   */
  Backpressure(
      DownloadParts parts,
      GrowingBlob bytes,
      Supplier<Attempt> attempt,
      DownloadFollowers followers,
      BooleanSupplier answersBegin) {
    Vertx vertx = parts.shared().vertx();
    this.context = vertx.getOrCreateContext();
    this.digest = parts.digest();
    this.bytes = bytes;
    this.memory = parts.memory();
    this.settings = parts.settings().buffers();
    this.attempt = attempt;
    this.followers = followers;
    this.answersBegin = answersBegin;
    this.standstill = new Standstill(vertx, settings.standstill(), this::dropSlowReaders);
  }

  /** Bytes have arrived; on the download's context. */
  void arrived() {
    if (bytes.load() >= allowance() && aClientMayRead()) {
      attempt.get().pause();
      if (diskless) {
        standstill.begin();
      }
      // There may be room again already, without a word to come.
      resumeIfRoom();
    }
  }

  /** The disk, or a follower without one, may be done with some; on any thread. */
  void moved() {
    if (diskless) {
      followers.releaseWhatAllHaveRead();
    }
    resumeIfRoom();
  }

  /** What all followers have read is released from now on, whether stored or not; on any thread. */
  void loseDisk() {
    diskless = true;
  }

  /** Goes on without a disk, after {@link #loseDisk}; on the download's context. */
  void passThrough() {
    if (!aClientMayRead()) {
      attempt.get().resume();
    } else if (attempt.get().isPaused()) {
      standstill.begin();
    }
    moved();
  }

  /**
   * Whether all bytes have come or will not, there is nothing to hold; on the download's context.
   */
  void close() {
    standstill.close();
  }

  private void resumeIfRoom() {
    if (bytes.load() < allowance() / 2) {
      context.runOnContext(
          ignored -> {
            // In this order: bytes that wait arrive within resume(), and may make it stand again.
            standstill.end();
            attempt.get().resume();
          });
    }
  }

  /** Without a disk nothing is used up before the first answer has begun. */
  private boolean aClientMayRead() {
    return !diskless || answersBegin.getAsBoolean();
  }

  /** How many bytes may wait. */
  private long allowance() {
    return memory.isTight() ? settings.writeBatch() : settings.backlog();
  }

  private void dropSlowReaders() {
    int left = followers.dropSlowReaders(bytes.releasedBelow(allowance() / 2));
    if (left > 0 && !droppedReaders) {
      droppedReaders = true;
      log.info(
          "uncached download {}: disconnected {} slow clients that held up the others",
          digest,
          left);
    }
    moved();
  }
}
