package dev.breakwater.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.e2e.BreakwaterProcess;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.Change;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.RocksIndex;
import dev.breakwater.index.Tables;
import dev.breakwater.index.UsageRecord;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.storage.StorageLayout;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;

/**
 * A mirror that knows a million blobs: its start, its memory, how long a sweep takes, and what the
 * sweep costs those who pull meanwhile.
 *
 * <pre>{@code
 * mvn -q -DskipTests package exec:exec@bench -Dbench=IndexScaleBench
 * }</pre>
 *
 * <p>The blobs' files are empty: it is the index that is measured. Twenty thousand images name
 * them.
 */
public final class IndexScaleBench {
  private static final int BLOBS = 1_000_000;
  private static final int LAYERS = 50;
  private static final int BATCH = 2000;
  private static final int REPOSITORIES = 500;
  private static final double QUIET_SECONDS = 10;
  private static final ZoneName ZONE = ZoneName.DOCKER_HUB;
  private static final ObjectMapper JSON = new ObjectMapper();

  private final HttpClient http = HttpClient.newHttpClient();
  private Digest asked = Digest.ofSha256(new byte[0]);

  private IndexScaleBench() {}

  /** Runs it; the argument is the number of rounds. */
  public static void main(String[] arguments) throws Exception {
    System.out.println(Machine.description());
    new IndexScaleBench().run(Integer.parseInt(arguments[0]));
  }

  private void run(int rounds) throws Exception {
    Series start = new Series();
    Series quiet = new Series();
    Series during = new Series();
    Series sweep = new Series();
    double memory;
    try (Workspace workspace = new Workspace(Path.of("target", "bench", "IndexScaleBench"));
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, URI.create("http://127.0.0.1:9"), Map.of())) {
      mirror.stop();
      fill(mirror.data());
      long begun = System.nanoTime();
      mirror.start();
      URI manifest = mirror.uri().resolve("/v2/library/r0/manifests/" + asked);
      get(manifest);
      start.add((System.nanoTime() - begun) / 1e9);
      while (!mirror.metrics().contains("breakwater_reconcile_done 1.0")) {
        Thread.sleep(100);
      }
      latencies(manifest, new Until(QUIET_SECONDS));
      for (int round = 0; round < rounds; round++) {
        quiet.add(latencies(manifest, new Until(QUIET_SECONDS)).quantile(0.99));
        long id = post(mirror);
        during.add(
            latencies(manifest, () -> last(mirror).path("id").asLong() >= id).quantile(0.99));
        sweep.add(last(mirror).path("seconds").asDouble());
      }
      memory = residentMiB(mirror.pid());
    }
    Table table = new Table(BLOBS + " blobs in the index", "measured", "wanted");
    table.row("start to the first cached manifest, s", start, "");
    table.row("memory of the process, MiB", memory, "");
    table.row("sweep, s", sweep, "");
    table.row("p99 of cached manifests, ms", quiet, "");
    table.row("the same during a sweep, ms", during, "");
    table.row("during / without", during.median() / quiet.median(), "≤ 2");
    table.print(System.out);
  }

  /** True once so much time has passed. */
  private static final class Until implements BooleanSupplier {
    private final long end;

    Until(double seconds) {
      this.end = System.nanoTime() + (long) (seconds * 1e9);
    }

    @Override
    public boolean getAsBoolean() {
      return System.nanoTime() > end;
    }
  }

  /** One request after another, in milliseconds; the end is looked for now and then. */
  private Series latencies(URI manifest, BooleanSupplier end) throws Exception {
    Series all = new Series();
    do {
      for (int i = 0; i < 500; i++) {
        long begun = System.nanoTime();
        get(manifest);
        all.add((System.nanoTime() - begun) / 1e6);
      }
    } while (!end.getAsBoolean());
    return all;
  }

  private void get(URI uri) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        http.send(
            HttpRequest.newBuilder(uri).header("Accept", Connection.ACCEPT).build(),
            HttpResponse.BodyHandlers.ofByteArray());
    if (answer.statusCode() != 200) {
      throw new IOException(uri + " is answered with " + answer.statusCode());
    }
  }

  private long post(BreakwaterProcess mirror) throws IOException, InterruptedException {
    HttpResponse<String> answer =
        http.send(
            HttpRequest.newBuilder(mirror.admin().resolve("/api/gc"))
                .POST(HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
    return JSON.readTree(answer.body()).path("id").asLong();
  }

  private JsonNode last(BreakwaterProcess mirror) {
    try (var body = mirror.admin().resolve("/api/gc").toURL().openStream()) {
      return JSON.readTree(body).path("last");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static double residentMiB(long pid) throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc", Long.toString(pid), "status"))) {
      if (line.startsWith("VmRSS:")) {
        return Long.parseLong(line.replaceAll("[^0-9]", "")) / 1024.0;
      }
    }
    throw new IOException("the kernel does not tell");
  }

  private void fill(Path data) throws IOException {
    long now = System.currentTimeMillis();
    try (RocksIndex index = RocksIndex.open(new StorageLayout(data).index()).index()) {
      List<Change> batch = new ArrayList<>();
      for (int image = 0; image < BLOBS / LAYERS; image++) {
        RepositoryName repository = new RepositoryName("library/r" + image % REPOSITORIES);
        List<String> layers = new ArrayList<>();
        for (int layer = 0; layer < LAYERS; layer++) {
          Digest digest = blob(data, image * LAYERS + layer);
          layers.add(
              "{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\",\"digest\":\""
                  + digest
                  + "\",\"size\":0}");
          batch.add(Tables.BLOBS.put(digest, new BlobRecord(0, now)));
          batch.add(Tables.BLOB_USAGE.put(digest, new UsageRecord(now, 1)));
          batch.add(
              Tables.LINKS.put(
                  new InRepository<>(ZONE, repository, digest),
                  new LinkRecord(MediaType.OCTET_STREAM, 0)));
        }
        byte[] bytes =
            ("{\"schemaVersion\":2,\"layers\":[" + String.join(",", layers) + "]}")
                .getBytes(StandardCharsets.UTF_8);
        Manifest manifest = new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
        batch.add(
            Tables.MANIFESTS.put(
                new InRepository<>(ZONE, repository, manifest.digest()), manifest));
        batch.add(
            Tables.MANIFEST_USAGE.put(
                new InRepository<>(ZONE, repository, manifest.digest()), new UsageRecord(now, 1)));
        if (image == 0) {
          asked = manifest.digest();
        }
        if (batch.size() >= BATCH) {
          index.apply(batch);
          batch.clear();
        }
      }
      index.apply(batch);
      index.rebuilt();
    }
  }

  private static Digest blob(Path data, int number) throws IOException {
    Digest digest = Digest.ofSha256(ByteBuffer.allocate(4).putInt(number).array());
    Path directory = data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2));
    if (number < 10_000) {
      Files.createDirectories(directory);
    }
    Files.createFile(directory.resolve(digest.hex()));
    return digest;
  }
}
