package dev.breakwater.bench;

import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.StorageLayout;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How soon does a mirror with 100,000 blobs serve after {@code kill -9}, and how long until it has
 * compared all files with its index?
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=StartBench
 * }</pre>
 *
 * <p>The files are in the page cache, as they are when a process was killed; after a power cut the
 * disk's seeks come on top.
 */
public final class StartBench {
  private static final int BLOBS = 100_000;
  private static final int SIZE = 4096;
  private static final int BATCH = 1000;
  private static final ZoneName ZONE = ZoneName.DOCKER_HUB;
  private static final RepositoryName REPOSITORY = new RepositoryName("library/bench");

  private StartBench() {}

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws IOException {
    int rounds = Integer.parseInt(arguments[0]);
    System.out.println(Machine.description());
    Series served = new Series();
    Series compared = new Series();
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "StartBench"));
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, URI.create("http://127.0.0.1:9"), Map.of())) {
      mirror.stop();
      Digest wanted = fill(mirror.data());
      mirror.start();
      for (int round = 0; round < rounds; round++) {
        mirror.kill();
        long begun = System.nanoTime();
        mirror.start();
        read(mirror.uri().resolve("/v2/" + REPOSITORY + "/blobs/" + wanted));
        served.add((System.nanoTime() - begun) / 1e9);
        while (!mirror.metrics().contains("breakwater_reconcile_done 1.0")) {
          Thread.onSpinWait();
        }
        compared.add((System.nanoTime() - begun) / 1e9);
      }
    }
    Table table = new Table("after kill -9, " + BLOBS + " blobs", "seconds: median (min … max)");
    table.row("first cached blob served", served.toString());
    table.row("files and index compared", compared.toString());
    table.print(System.out);
  }

  /** Files and entries as a mirror leaves them; the last blob. */
  private static Digest fill(Path data) throws IOException {
    StorageLayout layout = new StorageLayout(data);
    List<Digest> digests = new ArrayList<>();
    try (RocksIndex index = RocksIndex.open(layout.index()).index()) {
      List<Change> batch = new ArrayList<>();
      for (int i = 0; i < BLOBS; i++) {
        byte[] bytes = ByteBuffer.allocate(SIZE).putInt(i).array();
        Digest digest = Digest.ofSha256(bytes);
        Path file = data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2));
        Files.createDirectories(file);
        Files.write(file.resolve(digest.hex()), bytes);
        digests.add(digest);
        batch.add(Tables.BLOBS.put(digest, new BlobRecord(SIZE, 0)));
        batch.add(
            Tables.LINKS.put(
                new InRepository<>(ZONE, REPOSITORY, digest),
                new LinkRecord(MediaType.OCTET_STREAM, SIZE)));
        if (batch.size() >= BATCH) {
          index.apply(batch);
          batch.clear();
        }
      }
      index.apply(batch);
      index.rebuilt();
    }
    return digests.getLast();
  }

  private static void read(URI blob) throws IOException {
    try (var body = blob.toURL().openStream()) {
      if (body.readAllBytes().length != SIZE) {
        throw new IOException(blob + " is not whole");
      }
    }
  }
}
