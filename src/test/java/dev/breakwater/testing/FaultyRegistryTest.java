package dev.breakwater.testing;

import static dev.breakwater.testing.RequestMatcher.manifest;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import org.junit.jupiter.api.Test;

class FaultyRegistryTest {
  @Test
  void healthyRegistryServesWhatWasPut() throws Exception {
    try (FaultyRegistry registry = FaultyRegistry.start();
        HttpClient client = HttpClient.newHttpClient()) {
      TestImage image = TestImage.docker().layer(1_000_000).build();
      registry.put("library/nginx", "1.27", image);
      HttpResponse<byte[]> answer =
          client.send(
              HttpRequest.newBuilder(
                      URI.create(registry.url() + "/v2/library/nginx/manifests/1.27"))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
      assertThat(answer.body()).isEqualTo(image.manifest().bytes());
      assertThat(registry.count(manifest().get())).isEqualTo(1);
    }
  }
}
