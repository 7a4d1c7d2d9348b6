package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The current buildkitd with its own worker: it has no network of its own and starts nothing. */
final class BuildKit implements AutoCloseable {
  private final Workspace workspace;
  private final String address;
  private final Daemon daemon;

  /** Starts one with this {@code buildkitd.toml}. */
  BuildKit(Workspace workspace, String toml) {
    this.workspace = workspace;
    Path run = workspace.run("buildkit");
    this.address = "unix://" + run.resolve("b.sock");
    List<String> words =
        List.of(
            Engines.modern().resolve("buildkitd").toString(),
            "--config=" + workspace.file("buildkit/buildkitd.toml", toml),
            "--addr=" + address,
            "--root=" + workspace.store("buildkit-root"),
            "--oci-worker=true",
            "--oci-worker-net=host",
            "--oci-worker-snapshotter=native",
            "--containerd-worker=false",
            "--otel-socket-path=" + run.resolve("otel.sock"));
    Map<String, String> environment = Map.of("PATH", Engines.modernPath());
    this.daemon =
        Daemon.start("buildkitd", workspace.log("buildkitd"), environment, words)
            .awaitReady(() -> Files.exists(run.resolve("b.sock")));
  }

  /** Builds an image from this one; what a container of it would print. */
  String build(String reference) {
    Path context = workspace.store("context");
    Path output = workspace.store("output");
    try {
      Files.writeString(context.resolve("Dockerfile"), "FROM " + reference + "\n");
      Command.of(Engines.modern().resolve("buildctl"), "--addr", address, "build")
          .and("--progress=plain", "--frontend=dockerfile.v0")
          .and("--local", "context=" + context, "--local", "dockerfile=" + context)
          .and("--output", "type=local,dest=" + output)
          .run();
      return Files.readString(output.resolve("etc/marker")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    daemon.close();
  }
}
