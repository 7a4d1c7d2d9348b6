package dev.breakwater.mirror;

import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.ReferrersIndex;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.BlobTransfer;
import dev.breakwater.upstream.ManifestHead;
import dev.breakwater.upstream.PulledManifest;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamHealth;
import dev.breakwater.upstream.UpstreamOutcome;
import dev.breakwater.upstream.UpstreamRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * An upstream whose every answer the test gives by hand: blobs are handed out as {@link
 * ScriptedTransfer}s, everything else comes from maps.
 */
final class ScriptedUpstream implements UpstreamRegistry {
  final Vertx vertx;
  final ZoneName zone;
  final Map<Reference, ManifestHead> heads = new ConcurrentHashMap<>();
  final Map<Reference, Manifest> manifests = new ConcurrentHashMap<>();
  final Map<Digest, Long> blobSizes = new ConcurrentHashMap<>();
  final AtomicInteger manifestHeads = new AtomicInteger();
  final AtomicInteger manifestGets = new AtomicInteger();
  final AtomicInteger blobHeads = new AtomicInteger();
  final AtomicInteger blobGets = new AtomicInteger();
  final AtomicInteger tagLists = new AtomicInteger();
  final AtomicInteger referrersLists = new AtomicInteger();
  volatile List<Tag> tags = List.of();
  volatile Optional<ReferrersIndex> referrers = Optional.empty();
  volatile UpstreamException broken;
  volatile UpstreamHealth health = UpstreamHealth.good(Duration.ofSeconds(20));
  volatile Future<Void> held = Future.succeededFuture();
  private final BlockingQueue<ScriptedTransfer> opened = new LinkedBlockingQueue<>();

  ScriptedUpstream(Vertx vertx, String zone) {
    this.vertx = vertx;
    this.zone = new ZoneName(zone);
  }

  void put(Tag tag, Manifest manifest) {
    ManifestHead head = new ManifestHead(manifest.digest(), manifest.mediaType(), manifest.size());
    heads.put(tag, head);
    heads.put(manifest.digest(), head);
    manifests.put(manifest.digest(), manifest);
  }

  void breakWith(UpstreamOutcome outcome) {
    broken = new UpstreamException(outcome, "scripted " + outcome.label(), null);
  }

  void heal() {
    broken = null;
  }

  /** The next download that was asked for; waits for it. */
  ScriptedTransfer nextTransfer() throws InterruptedException {
    ScriptedTransfer transfer = opened.poll(10, TimeUnit.SECONDS);
    if (transfer == null) {
      throw new AssertionError("no blob was asked for");
    }
    return transfer;
  }

  boolean hasTransfer() {
    return !opened.isEmpty();
  }

  @Override
  public ZoneName zone() {
    return zone;
  }

  @Override
  public UpstreamHealth health(ContentKind kind) {
    return health;
  }

  @Override
  public Future<ManifestHead> headManifest(
      RepositoryName repository, Reference reference, Optional<ManifestHead> before) {
    manifestHeads.incrementAndGet();
    return answer(heads.get(reference));
  }

  @Override
  public Future<PulledManifest> getManifest(RepositoryName repository, Reference reference) {
    manifestGets.incrementAndGet();
    return answer(manifests.get(reference))
        .map(
            manifest ->
                new PulledManifest(
                    manifest, ManifestDocument.parse(manifest.mediaType(), manifest.bytes())));
  }

  @Override
  public Future<OptionalLong> headBlob(RepositoryName repository, Digest digest) {
    blobHeads.incrementAndGet();
    return answer(blobSizes.get(digest)).map(OptionalLong::of);
  }

  @Override
  public Future<BlobTransfer> openBlob(
      RepositoryName repository, Digest digest, long first, OptionalLong last) {
    blobGets.incrementAndGet();
    if (broken != null) {
      return later(Future.failedFuture(broken));
    }
    ScriptedTransfer transfer =
        new ScriptedTransfer(vertx.getOrCreateContext(), digest, first, last);
    opened.add(transfer);
    return transfer.head();
  }

  @Override
  public Future<List<Tag>> listTags(RepositoryName repository) {
    tagLists.incrementAndGet();
    return answer(tags);
  }

  @Override
  public Future<Optional<ReferrersIndex>> listReferrers(RepositoryName repository, Digest subject) {
    referrersLists.incrementAndGet();
    return answer(referrers);
  }

  private <T> Future<T> answer(T value) {
    if (broken != null) {
      return later(Future.failedFuture(broken));
    }
    return later(
        value != null
            ? Future.succeededFuture(value)
            : Future.failedFuture(
                new UpstreamException(UpstreamOutcome.NOT_FOUND, "scripted 404", 404, null, null)));
  }

  /** Never at once, as from a real network, and not before it is let go. */
  private <T> Future<T> later(Future<T> answer) {
    io.vertx.core.Promise<T> promise = io.vertx.core.Promise.promise();
    io.vertx.core.Context home = vertx.getOrCreateContext();
    held.onSuccess(free -> home.runOnContext(ignored -> answer.onComplete(promise)));
    return promise.future();
  }
}
