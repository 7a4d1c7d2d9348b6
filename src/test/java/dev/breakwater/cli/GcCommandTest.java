package dev.breakwater.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.app.RunningMirror;
import dev.breakwater.testing.FaultyRegistry;
import dev.breakwater.testing.RestoredLogging;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** {@code breakwater gc} and {@code breakwater du} as an operator meets them. */
@ExtendWith(RestoredLogging.class)
@Tag("slow")
class GcCommandTest {
  private static final TestImage BASE = TestImage.oci().seed(1).layer(100_000).build();
  private static final TestImage ONE =
      TestImage.oci().seed(2).layer(BASE.layer(0)).layer(10_000).build();
  private static final TestImage OTHER =
      TestImage.oci().seed(3).layer(BASE.layer(0)).layer(20_000).build();

  @TempDir Path data;
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @Test
  void theServerThatRunsIsAskedAndWithoutOneTheDirectoryIsSwept() throws Exception {
    try (FaultyRegistry upstream = FaultyRegistry.start()) {
      upstream.put("library/one", "latest", ONE).put("library/other", "latest", OTHER);
      try (RunningMirror mirror = RunningMirror.of(upstream, data).start()) {
        pull(mirror, "library/one", ONE);
        pull(mirror, "library/other", OTHER);
        mirror.awaitNoDownloads();

        assertThat(run("du")).isZero();
        assertThat(out.toString())
            .contains("docker.io", "without sharing", "on disk")
            .containsPattern("5 blobs, 12[0-9]\\.[0-9] KiB on disk.* would be 22[0-9]\\.[0-9] KiB");

        assertThat(run("gc", "--dry-run")).isZero();
        assertThat(out.toString())
            .startsWith("garbage collection done in ")
            .contains(
                "nothing was deleted",
                " 0 blobs, 0 bytes",
                "unfinished downloads",
                "5 blobs are kept");
        assertThat(mirror.metric("gc_runs_total", "outcome=\"done\"")).isPositive();
      }
    }
    assertThat(run("du")).isZero();
    assertThat(out.toString()).contains("5 blobs, ");
    assertThat(run("gc")).isZero();
    assertThat(out.toString()).contains("deleted:", "5 blobs are kept");
  }

  @Test
  void aDirectoryThatIsNotThereIsNamed() {
    assertThat(run("gc", "--data", data.resolve("elsewhere").toString())).isEqualTo(1);
    assertThat(err.toString())
        .contains("elsewhere does not exist; give the one that 'serve' uses with --data");
  }

  @Test
  void aServerThatDoesNotAnswerIsNamedWithWhatHelps() throws Exception {
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(data)) {
      assertThat(run("du", "--admin", "127.0.0.1:1")).isEqualTo(1);
    }
    assertThat(err.toString())
        .isEqualTo(
            "breakwater: a server uses the data directory, but cannot be asked at"
                + " http://127.0.0.1:1: connection refused; if it is starting, try again, else give"
                + " its admin address with --admin\n");
  }

  @Test
  void theAddressThatIsGivenGoesBeforeTheServersOwnNote() throws Exception {
    try (FaultyRegistry upstream = FaultyRegistry.start();
        RunningMirror mirror = RunningMirror.of(upstream, data).start()) {
      assertThat(run("du", "--admin", mirror.admin().getAuthority())).isZero();
      assertThat(run("du", "--admin", "127.0.0.1:1")).isEqualTo(1);
    }
  }

  @Test
  void addressThatIsGivenMayBeBeyondLoopback() throws Exception {
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(data)) {
      assertThat(run("du", "--admin", "0.0.0.0:1")).isEqualTo(1);
    }
    assertThat(err.toString())
        .contains("cannot be asked at http://127.0.0.1:1: connection refused");
    assertThat(run("du", "--admin", "nowhere")).isEqualTo(2);
    assertThat(err.toString()).contains("--admin: \"nowhere\" is not an address");
  }

  @Test
  void tokenOfTheAdminListenerIsReadFromTheDataDirectory() throws Exception {
    try (FaultyRegistry upstream = FaultyRegistry.start();
        RunningMirror mirror =
            RunningMirror.of(upstream, data)
                .set("BREAKWATER_ADMIN_TOKEN", "0123456789abcdef0123456789abcdef")
                .start()) {
      assertThat(mirror.get("/api/du")).contains("admin.tokenFile");
      assertThat(mirror.metrics()).contains("breakwater_build_info");
      assertThat(run("du")).isZero();
      assertThat(run("gc", "--dry-run", "--admin", mirror.admin().getAuthority())).isZero();
    }
  }

  @Test
  void whatIsNotBreakwatersAdminListenerIsSaidToBeThat() throws Exception {
    try (DataDirectoryLock _ = DataDirectoryLock.acquire(data);
        FaultyRegistry other = FaultyRegistry.start()) {
      assertThat(run("gc", "--admin", URI.create(other.url()).getAuthority())).isEqualTo(1);
    }
    assertThat(err.toString())
        .contains("what answers there is not Breakwater's admin listener")
        .doesNotContain("Exception", "jackson");
  }

  private static void pull(RunningMirror mirror, String repository, TestImage image)
      throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      get(client, mirror.uri().resolve("/v2/" + repository + "/manifests/latest"));
      for (var blob : image.blobs().keySet()) {
        get(client, mirror.uri().resolve("/v2/" + repository + "/blobs/" + blob));
      }
    }
  }

  private static void get(HttpClient client, URI uri) throws IOException, InterruptedException {
    HttpResponse<byte[]> answer =
        client.send(
            HttpRequest.newBuilder(uri)
                .header("Accept", "application/vnd.oci.image.manifest.v1+json")
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
    assertThat(answer.statusCode()).isEqualTo(200);
  }

  private int run(String... arguments) {
    out.getBuffer().setLength(0);
    err.getBuffer().setLength(0);
    List<String> all = new ArrayList<>(List.of(arguments));
    if (!all.contains("--data")) {
      all.add("--data");
      all.add(data.toString());
    }
    return BreakwaterCommand.run(
        new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), Map.of()),
        all.toArray(String[]::new));
  }
}
