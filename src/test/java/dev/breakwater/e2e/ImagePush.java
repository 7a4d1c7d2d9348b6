package dev.breakwater.e2e;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.util.Collection;

/**
 * Puts images on a registry, byte for byte as they were made; the tools that could do it rewrite
 * manifests.
 */
final class ImagePush {
  /** The tag of every test image. */
  static final String TAG = "1.0";

  private static final ObjectMapper JSON = new ObjectMapper();

  private final URI registry;
  private final URI realm;
  private final HttpClient client =
      HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

  ImagePush(URI registry, URI realm) {
    this.registry = registry;
    this.realm = realm;
  }

  /** Pushes the blobs, then the manifest by its digest. */
  void image(String repository, Collection<Blob> blobs, Blob manifest) {
    blobs.forEach(blob -> blob(repository, blob));
    manifest(repository, manifest.digest(), manifest);
  }

  /** Pushes the manifest or index under {@link #TAG}. */
  void tag(String repository, Blob manifest) {
    manifest(repository, TAG, manifest);
  }

  private void blob(String repository, Blob blob) {
    String path = "/v2/" + repository + "/blobs/uploads/";
    HttpResponse<String> session =
        send(202, request(repository, path).POST(BodyPublishers.noBody()));
    String location = session.headers().firstValue("Location").orElseThrow();
    String upload = location + (location.contains("?") ? "&" : "?") + "digest=" + blob.digest();
    try {
      send(201, request(repository, upload).PUT(BodyPublishers.ofFile(blob.file())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void manifest(String repository, String reference, Blob manifest) {
    String path = "/v2/" + repository + "/manifests/" + reference;
    try {
      send(
          201,
          request(repository, path)
              .header("Content-Type", manifest.mediaType())
              .PUT(BodyPublishers.ofFile(manifest.file())));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpRequest.Builder request(String repository, String path) {
    return HttpRequest.newBuilder(registry.resolve(path))
        .header("Authorization", "Bearer " + token(repository));
  }

  private String token(String repository) {
    URI uri =
        URI.create(
            "%s?service=%s&scope=repository:%s:pull,push"
                .formatted(realm, TokenServer.SERVICE, repository));
    HttpResponse<String> answer =
        send(200, HttpRequest.newBuilder(uri).header("Authorization", TokenServer.PUSHER));
    try {
      return JSON.readTree(answer.body()).get("token").asText();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private HttpResponse<String> send(int expected, HttpRequest.Builder request) {
    HttpRequest built = request.build();
    try {
      HttpResponse<String> response = client.send(built, BodyHandlers.ofString());
      if (response.statusCode() != expected) {
        throw new AssertionError(built + ": " + response.statusCode() + " " + response.body());
      }
      return response;
    } catch (IOException e) {
      throw new UncheckedIOException(built.toString(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }
}
