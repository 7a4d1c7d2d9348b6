package dev.breakwater.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.breakwater.e2e.Daemon;
import dev.breakwater.e2e.Loopback;
import dev.breakwater.e2e.Workspace;
import dev.breakwater.testing.FaultyRegistryMain;
import java.io.IOException;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * A {@link FaultyRegistryMain} process that plays Docker Hub. Repositories whose names begin with
 * {@code slow-} get {@link #RATE} bytes a second and connection, the others as much as there is.
 * All images have the tag {@code 1}.
 */
final class LimitedUpstream implements AutoCloseable {
  /** Bytes per second of a connection. */
  static final long RATE = 20_000_000;

  /** An image for {@link Mirror#warm}. */
  static final String WARM_UP = "library/warm";

  private static final String WARM_UP_LAYERS = "10000000,".repeat(23) + "10000000";

  private final URI uri;
  private final Path log;
  private final Daemon daemon;

  private LimitedUpstream(URI uri, Path log, Daemon daemon) {
    this.uri = uri;
    this.log = log;
    this.daemon = daemon;
  }

  /**
   * Starts it.
   *
   * @param images each {@code REPOSITORY:1:SIZE,SIZE…}
   */
  static LimitedUpstream start(Workspace workspace, String... images) {
    URI uri = URI.create("http://" + Loopback.freeAddress());
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.add("-Xmx256m");
    words.add("-cp");
    words.add(System.getProperty("java.class.path"));
    words.add(FaultyRegistryMain.class.getName());
    words.addAll(List.of("--port", Integer.toString(uri.getPort())));
    words.addAll(List.of("--fault", "/v2/library/slow-.*=rate:" + RATE));
    words.addAll(List.of("--image", WARM_UP + ":1:" + WARM_UP_LAYERS));
    for (String image : images) {
      words.addAll(List.of("--image", image));
    }
    Path log = workspace.log("upstream");
    Daemon daemon =
        Daemon.start("upstream", log, Map.of(), words)
            .awaitReady(() -> Loopback.answers(layersOf(uri, images[images.length - 1]), 200));
    return new LimitedUpstream(uri, log, daemon);
  }

  private static URI layersOf(URI registry, String image) {
    return manifest(registry, image.substring(0, image.indexOf(':')));
  }

  URI uri() {
    return uri;
  }

  /** The layers of an image. */
  List<Blob> layers(String repository) throws IOException {
    return layers(uri, repository);
  }

  /** The layers of an image as some registry tells. */
  static List<Blob> layers(URI registry, String repository) throws IOException {
    URLConnection connection = manifest(registry, repository).toURL().openConnection();
    connection.setRequestProperty("Accept", Connection.ACCEPT);
    JsonNode manifest = new ObjectMapper().readTree(connection.getInputStream());
    List<Blob> layers = new ArrayList<>();
    for (JsonNode layer : manifest.get("layers")) {
      layers.add(new Blob(repository, layer.get("digest").asText(), layer.get("size").asLong()));
    }
    return layers;
  }

  private static URI manifest(URI registry, String repository) {
    return registry.resolve("/v2/" + repository + "/manifests/1");
  }

  /** Ends it. */
  @Override
  public void close() {
    daemon.close();
  }

  /** How many bytes of the blob it has put on the wire; told when it has been closed. */
  long sent(Blob blob) throws IOException {
    String line = "sent " + blob.digest() + " ";
    return Files.readAllLines(log).stream()
        .filter(each -> each.startsWith(line))
        .mapToLong(each -> Long.parseLong(each.substring(line.length())))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(log + " does not tell of " + blob));
  }

  /** How many requests for the blob's bytes it has got. */
  long requests(Blob blob) throws IOException {
    return Files.readAllLines(log).stream()
        .filter(line -> line.contains(": GET " + blob.path()))
        .count();
  }
}
