package dev.breakwater.gc;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Index;
import dev.breakwater.index.MemoryIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobStore;
import dev.breakwater.storage.PartFile;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ReconcileTest {
  @TempDir Path data;
  private final Vertx vertx = Vertx.vertx();
  private final Metrics metrics = new Metrics("test", List.of());
  private final AtomicInteger completions = new AtomicInteger();
  private final Index index = new MemoryIndex();
  private BlobStore store;

  @BeforeEach
  void open() throws Exception {
    store = BlobStore.open(vertx, new StorageLayout(data));
  }

  @AfterEach
  void close() throws Exception {
    store.close();
    metrics.close();
    vertx.close().await(10, SECONDS);
  }

  @Test
  void everyBlobOnDiskIsInALostIndexAgain() throws Exception {
    List<Digest> blobs = new ArrayList<>();
    for (int i = 0; i < 1234; i++) {
      blobs.add(store(ByteBuffer.allocate(4).putInt(i).array()));
    }
    try (Reconcile reconcile = start(index, true)) {
      reconcile.join();
      assertThat(reconcile.isDone()).isTrue();
    }
    assertThat(completions).hasValue(1);
    for (Digest blob : blobs) {
      assertThat(index.get(Tables.BLOBS, blob).orElseThrow().size()).isEqualTo(4);
    }
  }

  @Test
  void anIndexThatTakesNoWritesIsNotTakenForRebuilt() throws Exception {
    store(new byte[1]);
    Index closed = new MemoryIndex();
    closed.close();
    Reconcile reconcile = start(closed, true);
    reconcile.close();
    assertThat(completions).hasValue(0);
    assertThat(reconcile.isDone()).as("so nothing is collected").isFalse();
  }

  @Test
  void anEntryWhoseFileIsGoneIsDropped() throws Exception {
    Digest there = known(bytes("there"));
    Digest gone = known(bytes("gone"));
    Files.delete(file(gone));
    reconcile();
    assertThat(index.get(Tables.BLOBS, there)).isPresent();
    assertThat(index.get(Tables.BLOBS, gone)).isEmpty();
  }

  @Test
  void aFileOfTheWrongLengthIsNoLongerTheBlob() throws Exception {
    Digest blob = known(bytes("cut short by a disk that forgot"));
    rewrite(blob, bytes("cut short"));
    reconcile();
    assertThat(index.get(Tables.BLOBS, blob)).isEmpty();
    assertThat(store.contains(blob)).isFalse();
    assertThat(data.resolve("quarantine/sha256-" + blob.hex()))
        .hasBinaryContent(bytes("cut short"));
  }

  @Test
  void anEntryThatGivesASoundFileAnotherSizeIsCorrected() throws Exception {
    Digest blob = known(bytes("sound"));
    index.apply(List.of(Tables.BLOBS.put(blob, new BlobRecord(333, 7))));
    reconcile();
    assertThat(store.contains(blob)).isTrue();
    assertThat(index.get(Tables.BLOBS, blob)).contains(new BlobRecord(5, 7));
    assertThat(findings("wrong_size")).isEqualTo(1);
  }

  @Test
  void aSoundFileThatTheIndexForgotIsAdopted() throws Exception {
    Digest blob = store(bytes("renamed, and then the power went"));
    reconcile();
    assertThat(index.get(Tables.BLOBS, blob).orElseThrow().size()).isEqualTo(32);
    assertThat(findings("no_entry")).isEqualTo(1);
  }

  @Test
  void aFileThatTheIndexForgotAndThatDoesNotHashIsNotAdopted() throws Exception {
    Digest blob = store(bytes("renamed, and then the power went"));
    rewrite(blob, bytes("renamed, and then the power wept"));
    reconcile();
    assertThat(index.get(Tables.BLOBS, blob)).isEmpty();
    assertThat(store.contains(blob)).isFalse();
  }

  @Test
  void leavingsThatNoDownloadCanUseAreRemoved() throws Exception {
    Digest stateOnly = Digest.ofSha256(bytes("1"));
    Digest partOnly = Digest.ofSha256(bytes("2"));
    Digest halfState = Digest.ofSha256(bytes("3"));
    Digest both = Digest.ofSha256(bytes("4"));
    Digest arrived = known(bytes("5"));
    for (Digest digest : List.of(stateOnly, halfState, both, arrived)) {
      Files.writeString(download(digest, ".json"), "{\"present\":[[0,3]]}");
    }
    for (Digest digest : List.of(partOnly, halfState, both, arrived)) {
      Files.writeString(download(digest, ".part"), "abc");
    }
    Files.writeString(download(halfState, ".json.tmp"), "{\"pre");
    reconcile();
    try (var left = Files.list(data.resolve("downloads"))) {
      assertThat(left).containsExactlyInAnyOrder(download(both, ".json"), download(both, ".part"));
    }
    assertThat(store.contains(arrived)).isTrue();
  }

  @Test
  void aDownloadUnderWayIsLeftAlone() throws Exception {
    Digest digest = Digest.ofSha256(bytes("arriving"));
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      reconcile();
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes("arriving"))});
      part.commit(8);
    }
    assertThat(file(digest)).hasContent("arriving");
  }

  @Test
  void whatIsNotOursIsReportedAndNeverTouched(@TempDir Path elsewhere) throws Exception {
    Path secret = Files.writeString(elsewhere.resolve("secret"), "x");
    Path fanOut = Files.createDirectory(data.resolve("blobs/sha256/aa"));
    List<Path> strangers =
        List.of(
            Files.createFile(data.resolve("notes.txt")),
            Files.createFile(data.resolve("blobs/sha256/README")),
            Files.createFile(fanOut.resolve("b".repeat(64))),
            Files.createDirectory(fanOut.resolve("a".repeat(64))),
            Files.createFile(data.resolve("downloads/x.part")),
            Files.createSymbolicLink(data.resolve("downloads/" + "c".repeat(64) + ".part"), secret),
            Files.createSymbolicLink(fanOut.resolve("aa" + "c".repeat(62)), secret));
    reconcile();
    assertThat(strangers).allMatch(path -> Files.exists(path));
    assertThat(secret).hasContent("x");
    assertThat(findings("foreign")).isEqualTo(strangers.size());
  }

  @Test
  void aSoundDirectoryGivesNoFindings() throws Exception {
    known(bytes("one"));
    known(bytes("two"));
    Files.createFile(data.resolve("lock"));
    Files.createFile(data.resolve("index.opening"));
    reconcile();
    for (FsckFinding.Kind kind : FsckFinding.Kind.values()) {
      assertThat(findings(kind.label())).as(kind.label()).isZero();
    }
  }

  private long findings(String kind) {
    return metrics.registry().scrape().stream()
        .filter(family -> family.getMetadata().getName().equals("breakwater_reconcile_findings"))
        .flatMap(family -> family.getDataPoints().stream())
        .filter(point -> kind.equals(point.getLabels().get("kind")))
        .map(
            io.prometheus.metrics.model.snapshots.CounterSnapshot.CounterDataPointSnapshot.class
                ::cast)
        .mapToLong(point -> Math.round(point.getValue()))
        .sum();
  }

  private void reconcile() throws InterruptedException {
    try (Reconcile reconcile = start(index, false)) {
      reconcile.join();
      assertThat(reconcile.isDone()).isTrue();
    }
  }

  private Reconcile start(Index in, boolean lost) {
    return Reconcile.start(
        store,
        in,
        lost,
        new Reconcile.Settings(
            Clock.systemUTC(), Duration.ofDays(1), in::apply, completions::incrementAndGet),
        metrics);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.US_ASCII);
  }

  private Path file(Digest digest) {
    return data.resolve("blobs/sha256/" + digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  private Path download(Digest digest, String suffix) {
    return data.resolve("downloads").resolve(digest.hex() + suffix);
  }

  private void rewrite(Digest digest, byte[] bytes) throws Exception {
    Files.setPosixFilePermissions(file(digest), PosixFilePermissions.fromString("rw-------"));
    Files.write(file(digest), bytes);
  }

  private Digest known(byte[] bytes) throws Exception {
    Digest digest = store(bytes);
    index.apply(List.of(Tables.BLOBS.put(digest, new BlobRecord(bytes.length, 0))));
    return digest;
  }

  private Digest store(byte[] bytes) throws Exception {
    Digest digest = Digest.ofSha256(bytes);
    try (PartFile part = store.parts().open(digest).orElseThrow()) {
      part.write(0, new ByteBuffer[] {ByteBuffer.wrap(bytes)});
      part.commit(bytes.length);
    }
    return digest;
  }
}
