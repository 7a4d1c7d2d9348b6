package dev.breakwater.mirror.download;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.PartFile;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A download that is to begin, once the gate lets it in, and the promise that it has. */
final class PendingDownload implements DownloadLimiter.Entrant {
  /** A download and the follower it was begun for, if any. */
  record Begun(Download download, @Nullable Follower follower) {}

  private final DownloadFactory maker;
  private final DownloadLimiter gate;
  private final Digest digest;
  private final BlobSource source;
  private final long size;
  private final Optional<Downloads.Wanted> client;
  private final Context home;
  private final Promise<Begun> begun = Promise.promise();
  private final Future<Download> download = begun.future().map(Begun::download);
  private final AtomicBoolean awaited;

  /**
   * Nothing yet.
   *
   * @param client for whom, or empty if the mirror itself wants the blob
   * @param home the context it will use
   */
  PendingDownload(
      DownloadFactory maker,
      DownloadLimiter gate,
      Digest digest,
      BlobSource source,
      long size,
      Optional<Downloads.Wanted> client,
      Context home) {
    this.maker = maker;
    this.gate = gate;
    this.digest = digest;
    this.source = source;
    this.size = size;
    this.client = client;
    this.home = home;
    this.awaited = new AtomicBoolean(client.isPresent());
  }

  Context home() {
    return home;
  }

  /** Completes when the download has been made; fails if it cannot be. */
  Future<Download> download() {
    return download;
  }

  /** The same, with the follower; completes at the same time. */
  Future<Begun> begun() {
    return begun.future();
  }

  BlobSource source() {
    return source;
  }

  @Override
  public ZoneName zone() {
    return source.zone();
  }

  @Override
  public boolean isForClient() {
    return awaited.get();
  }

  /**
   * A client waits for it, though the mirror began it.
   *
   * @return whether it is the first one
   */
  boolean clientWaits() {
    if (!awaited.compareAndSet(false, true)) {
      return false;
    }
    gate.clientWaits(this);
    return true;
  }

  @Override
  public boolean giveWay() {
    return download.succeeded() && download.result().giveWay();
  }

  @Override
  public void begin() {
    // A disk that is slow to sync keeps no other download from beginning.
    begun.future().compose(made -> made.download().received()).onComplete(over -> gate.leave(this));
    maker.store().parts().threads().writers().execute(this::prepare);
  }

  @Override
  public void refuse(String why) {
    begun.fail(DownloadException.notBegun(digest, why));
  }

  /** On a disk thread. */
  private void prepare() {
    try {
      if (maker.store().contains(digest)) {
        // Between the caller's look and ours another download began and ended.
        begun.fail(DownloadException.ended(digest));
        return;
      }
      PartFile part = maker.openPart(digest);
      home.runOnContext(ignored -> make(part));
    } catch (IOException | RuntimeException e) {
      begun.fail(new DiskFailureException(digest, e));
    }
  }

  private void make(PartFile part) {
    try {
      begun.complete(start(part));
    } catch (RuntimeException e) {
      part.close();
      begun.fail(new DiskFailureException(digest, e));
    }
  }

  private Begun start(PartFile part) {
    Download download = maker.make(source, size, part);
    Optional<Follower> follower = client.flatMap(wanted -> download.follow(wanted.range()));
    if (client.isEmpty()) {
      download.wantForMirror();
    }
    download.begin();
    return new Begun(download, follower.orElse(null));
  }
}
