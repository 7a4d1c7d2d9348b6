package dev.breakwater.bench;

import dev.breakwater.e2e.Daemon;
import dev.breakwater.e2e.Loopback;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.Content;
import dev.breakwater.testing.TestImage;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.List;
import java.util.Map;

/**
 * Debian's {@code docker-registry} over a file system, as its package configures it but without
 * login and access log.
 */
final class DockerRegistry implements AutoCloseable {
  private final URI uri;
  private final Daemon daemon;

  private DockerRegistry(URI uri, Daemon daemon) {
    this.uri = uri;
    this.daemon = daemon;
  }

  /** Starts an empty one. */
  static DockerRegistry start(Workspace workspace) {
    URI uri = URI.create("http://" + Loopback.freeAddress());
    String configuration =
        workspace
            .file(
                "docker-registry/config.yml",
                """
                version: 0.1
                log: {level: error, accesslog: {disabled: true}}
                storage: {filesystem: {rootdirectory: "%s"}, cache: {blobdescriptor: inmemory}}
                http: {addr: "%s"}
                """
                    .formatted(workspace.store("docker-registry-data"), uri.getAuthority()))
            .toString();
    Daemon daemon =
        Daemon.start(
                "docker-registry",
                workspace.log("docker-registry"),
                Map.of("OTEL_TRACES_EXPORTER", "none"),
                List.of("docker-registry", "serve", configuration))
            .awaitReady(() -> Loopback.answers(uri.resolve("/v2/"), 200));
    return new DockerRegistry(uri, daemon);
  }

  /** Pushes the image with the tag {@code 1}. */
  void push(String repository, TestImage image) throws IOException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      for (Content blob : image.blobs().values()) {
        URI uploads = uri.resolve("/v2/" + repository + "/blobs/uploads/");
        HttpResponse<String> session =
            send(client, 202, HttpRequest.newBuilder(uploads).POST(BodyPublishers.noBody()));
        String location = session.headers().firstValue("Location").orElseThrow();
        URI upload = URI.create(location + "&digest=" + blob.digest());
        send(client, 201, HttpRequest.newBuilder(upload).PUT(body(blob)));
      }
      URI manifest = uri.resolve("/v2/" + repository + "/manifests/1");
      send(
          client,
          201,
          HttpRequest.newBuilder(manifest)
              .header("Content-Type", image.mediaType().value())
              .PUT(body(image.manifest())));
    }
  }

  private static HttpRequest.BodyPublisher body(Content content) {
    return BodyPublishers.ofByteArray(content.bytes());
  }

  private static HttpResponse<String> send(
      HttpClient client, int expected, HttpRequest.Builder request) throws IOException {
    HttpRequest built = request.build();
    try {
      HttpResponse<String> response = client.send(built, BodyHandlers.ofString());
      if (response.statusCode() != expected) {
        throw new IOException(built + ": " + response.statusCode() + " " + response.body());
      }
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  URI uri() {
    return uri;
  }

  long pid() {
    return daemon.pid();
  }

  @Override
  public void close() {
    daemon.close();
  }
}
