package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import dev.breakwater.testing.CapturedLog;
import dev.breakwater.testing.Eventually;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ScrubTest {
  private static final ZoneName HUB = ZoneName.DOCKER_HUB;
  private static final RepositoryName APP = new RepositoryName("library/app");
  private static final RepositoryName OTHER = new RepositoryName("library/other");
  private static final long FAST = 1L << 40;

  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("test", List.of());
  private final MemoryIndex index = new MemoryIndex();
  private final Queue<String> refetched = new ConcurrentLinkedQueue<>();
  private StorageLayout layout;
  private BlobStore store;
  private ScrubHealing healing;
  private ScrubHealer healer = this::fetchAgain;

  @BeforeEach
  void open() throws Exception {
    layout = new StorageLayout(data);
    store = BlobStore.open(vertx, layout);
    healing =
        ScrubHealing.start(
            store,
            index,
            index::apply,
            (zone, repository, digest, size) -> healer.refetch(zone, repository, digest, size),
            metrics);
  }

  @AfterEach
  void close() throws Exception {
    healing.close();
    store.close();
    metrics.close();
    vertx.close().await(10, SECONDS);
  }

  @Test
  void everyFlippedBitIsFoundByOnePassAndFetchedAgain() throws Exception {
    List<Digest> blobs = new ArrayList<>();
    for (int i = 0; i < 40; i++) {
      blobs.add(blob(i, HUB, APP));
    }
    for (int i = 0; i < 20; i++) {
      flip(blobs.get(2 * i), 7 * i, i % 8);
    }
    pass();
    assertThat(healing.damagedCount()).isEqualTo(20);
    await(() -> healing.healedCount() == 20);
    for (int i = 0; i < 40; i++) {
      assertThat(Files.readAllBytes(file(blobs.get(i)))).isEqualTo(content(i));
    }
    assertThat(refetched).hasSize(20);
  }

  @Test
  void aDamagedBlobIsKeptApartAndOutOfTheIndexUntilItIsHealed() throws Exception {
    healer = (zone, repository, digest, size) -> Future.succeededFuture(false);
    Digest blob = blob(1, HUB, APP);
    flip(blob, 0, 0);
    pass();
    await(() -> index.get(Tables.BLOBS, blob).isEmpty());
    assertThat(store.contains(blob)).isFalse();
    assertThat(data.resolve("quarantine/sha256-" + blob.hex())).exists();
    assertThat(healing.healedCount()).isZero();
  }

  @Test
  void aRepositoryThatHasItNoMoreIsNoReasonToGiveUp() throws Exception {
    Digest blob = blob(1, HUB, APP);
    link(blob, HUB, OTHER);
    healer =
        (zone, repository, digest, size) ->
            repository.equals(APP)
                ? Future.failedFuture("404")
                : fetchAgain(zone, repository, digest, size);
    flip(blob, 0, 0);
    pass();
    await(() -> healing.healedCount() == 1);
  }

  @Test
  void pushedContentIsCountedApartAndKeptForever() throws Exception {
    Digest blob = blob(1, ZoneName.HOSTED, APP);
    flip(blob, 3, 3);
    pass();
    await(() -> Files.exists(data.resolve("quarantine/kept-sha256-" + blob.hex())));
    store.quarantine().trim(0);
    assertThat(data.resolve("quarantine/kept-sha256-" + blob.hex())).exists();
    assertThat(refetched).isEmpty();
    assertThat(damaged("pushed")).isEqualTo(1);
    assertThat(damaged("cached")).isZero();
  }

  @Test
  void whatIsPushedHereAndCachedFromElsewhereIsHealed() throws Exception {
    Digest blob = blob(1, ZoneName.HOSTED, APP);
    link(blob, HUB, OTHER);
    flip(blob, 3, 3);
    pass();
    await(() -> healing.healedCount() == 1);
    assertThat(refetched).containsExactly("docker.io/library/other");
  }

  @Test
  void theOldestLeaveTheQuarantineFirst() throws Exception {
    healer = (zone, repository, digest, size) -> Future.succeededFuture(false);
    for (int i = 0; i < 3; i++) {
      Digest blob = blob(i, HUB, APP);
      flip(blob, 0, 0);
      Files.setLastModifiedTime(
          file(blob), java.nio.file.attribute.FileTime.fromMillis(1000L * (i + 1)));
      assertThat(store.quarantineIfDamaged(blob, check(blob))).isTrue();
    }
    store.quarantine().trim(2L * content(0).length);
    try (var left = Files.list(data.resolve("quarantine"))) {
      assertThat(left.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder(
              "sha256-" + Digest.ofSha256(content(1)).hex(),
              "sha256-" + Digest.ofSha256(content(2)).hex());
    }
  }

  @Test
  void aLateVerdictOnABadFileLeavesItsReplacementAlone() throws Exception {
    Digest blob = blob(1, HUB, APP);
    flip(blob, 0, 0);
    BlobCheck.Finding late = check(blob);
    assertThat(late.verdict()).isEqualTo(BlobCheck.Verdict.DAMAGED);
    store(content(1));
    assertThat(store.quarantineIfDamaged(blob, late)).isFalse();
    assertThat(Files.readAllBytes(file(blob))).isEqualTo(content(1));
    assertThat(data.resolve("quarantine/sha256-" + blob.hex())).doesNotExist();
    assertThat(healing.damagedCount()).isZero();
  }

  private BlobCheck.Finding check(Digest blob) throws Exception {
    return new BlobCheck(layout, BlobCheck.Pacing.NONE).check(blob);
  }

  @Test
  void afterAnUncleanStopAPassBeginsByItselfAndEndsTheDoubts() throws Exception {
    Digest blob = blob(1, HUB, APP);
    long crash = System.currentTimeMillis() + 1000;
    ScrubState state = new ScrubState(0, crash, Optional.empty()).doubting(crash + 1);
    store.unverified().doubtAllUntil(state.doubtedUntil());
    assertThat(store.unverified().covers(blob, 0)).isTrue();
    try (CapturedLog log = CapturedLog.of(Scrub.class);
        Scrub scrub = start(state, FAST)) {
      await(() -> !scrub.status().doubted());
      await(
          () ->
              log.lines().stream()
                  .anyMatch(line -> line.matches("INFO checked 1 blobs, .* for disk damage")));
      assertThat(store.unverified().covers(blob, 0)).isFalse();
      assertThat(scrub.status().blobs()).isEqualTo(1);
    }
    assertThat(ScrubState.read(layout).doubtedUntil()).isZero();
  }

  @Test
  void aPassGoesOnAfterARestartWhereItWas() throws Exception {
    List<Digest> blobs = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      blobs.add(blob(i, HUB, APP));
    }
    blobs.sort(null);
    long began = System.currentTimeMillis();
    try (Scrub scrub = start(new ScrubState(0, began, Optional.of(blobs.get(6))), FAST)) {
      await(() -> scrub.status().state().equals("idle") && scrub.status().blobs() > 0);
      assertThat(scrub.status().blobs()).isEqualTo(4);
    }
    ScrubState kept = ScrubState.read(layout);
    assertThat(kept.began()).isEqualTo(began);
    assertThat(kept.position()).isEmpty();
  }

  @Test
  void stoppedInTheMiddleItKeepsItsPlace() throws Exception {
    for (int i = 0; i < 10; i++) {
      blob(i, HUB, APP);
    }
    // One blob in some minutes.
    try (Scrub scrub = start(ScrubState.NEW, 1)) {
      await(() -> scrub.status().state().equals("running"));
    }
    ScrubState kept = ScrubState.read(layout);
    assertThat(kept.began() == 0 || kept.position().isPresent())
        .as("nothing was examined, or the place is known: %s", kept)
        .isTrue();
  }

  @Test
  void switchedOffItDoesNothing() throws Exception {
    Digest blob = blob(1, HUB, APP);
    flip(blob, 0, 0);
    try (Scrub scrub = start(ScrubState.NEW, 0)) {
      assertThat(scrub.request()).isFalse();
      assertThat(scrub.status().state()).isEqualTo("off");
    }
    assertThat(store.contains(blob)).isTrue();
  }

  @Test
  void anUnreadableStateIsANewOne() throws Exception {
    Files.writeString(layout.scrubState(), "{\"began\": 17");
    assertThat(ScrubState.read(layout)).isEqualTo(ScrubState.NEW);
  }

  private void pass() throws Exception {
    try (Scrub scrub =
        start(new ScrubState(0, System.currentTimeMillis(), Optional.empty()), FAST)) {
      long before = scrub.status().blobs();
      scrub.request();
      await(() -> scrub.status().state().equals("idle") && scrub.status().blobs() > before);
    }
  }

  private Scrub start(ScrubState state, long rate) {
    return Scrub.start(
        store,
        healing,
        state,
        new Scrub.Settings(rate, Duration.ofDays(1), Clock.systemUTC(), layout),
        metrics);
  }

  private static void await(BooleanSupplier condition) {
    Eventually.until("the scrub has come so far", condition::getAsBoolean);
  }

  private long damaged(String origin) {
    return metrics.registry().scrape().stream()
        .filter(family -> family.getMetadata().getName().equals("breakwater_blobs_damaged"))
        .flatMap(family -> family.getDataPoints().stream())
        .filter(point -> origin.equals(point.getLabels().get("origin")))
        .map(
            io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot.class
                ::cast)
        .mapToLong(point -> Math.round(point.getValue()))
        .sum();
  }

  /** What a mirror does: the blob comes into the store again. */
  private Future<Boolean> fetchAgain(
      ZoneName zone, RepositoryName repository, Digest digest, long size) {
    refetched.add(zone + "/" + repository);
    for (int i = 0; i < 40; i++) {
      if (Digest.ofSha256(content(i)).equals(digest)) {
        try {
          store(content(i));
        } catch (IOException e) {
          return Future.failedFuture(e);
        }
      }
    }
    return Future.succeededFuture(store.contains(digest));
  }

  private static byte[] content(int number) {
    return ByteBuffer.allocate(300).putInt(number).array();
  }

  private Digest blob(int number, ZoneName zone, RepositoryName repository) throws Exception {
    Digest digest = store(content(number));
    link(digest, zone, repository);
    return digest;
  }

  private void link(Digest digest, ZoneName zone, RepositoryName repository) {
    index.apply(
        List.of(
            Tables.BLOBS.put(digest, new BlobRecord(300, 0)),
            Tables.LINKS.put(
                new InRepository<>(zone, repository, digest),
                new LinkRecord(MediaType.OCTET_STREAM, 300))));
  }

  private Path file(Digest digest) {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private void flip(Digest digest, int at, int bit) throws Exception {
    Files.setPosixFilePermissions(file(digest), PosixFilePermissions.fromString("rw-------"));
    try (FileChannel channel =
        FileChannel.open(file(digest), StandardOpenOption.READ, StandardOpenOption.WRITE)) {
      ByteBuffer one = ByteBuffer.allocate(1);
      channel.read(one, at);
      channel.write(ByteBuffer.wrap(new byte[] {(byte) (one.get(0) ^ (1 << bit))}), at);
    }
  }

  private Digest store(byte[] bytes) throws IOException {
    Digest digest = Digest.ofSha256(bytes);
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      part.commit(bytes.length);
    }
    return digest;
  }
}
