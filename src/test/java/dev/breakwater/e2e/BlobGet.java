package dev.breakwater.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Clients that ask Breakwater for one blob and read it at their own speed. */
final class BlobGet implements AutoCloseable {
  private final URI blob;
  private final HttpClient client =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .proxy(HttpClient.Builder.NO_PROXY)
          .build();

  BlobGet(BreakwaterProcess mirror, String repository, String digest) {
    this.blob = mirror.uri().resolve("/v2/" + repository + "/blobs/" + digest);
  }

  /** The body of a new request, which must be answered by 200. */
  InputStream open() throws IOException, InterruptedException {
    HttpRequest request = HttpRequest.newBuilder(blob).build();
    HttpResponse<InputStream> response = client.send(request, BodyHandlers.ofInputStream());
    if (response.statusCode() != 200) {
      try (InputStream body = response.body()) {
        throw new AssertionError(blob + ": " + response.statusCode() + " " + text(body));
      }
    }
    return response.body();
  }

  @Override
  public void close() {
    client.shutdownNow();
  }

  private static String text(InputStream body) throws IOException {
    return new String(body.readNBytes(4096), UTF_8);
  }
}
