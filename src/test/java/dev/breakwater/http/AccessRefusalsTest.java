package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.RawClient.Answer;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.FailureCause;
import dev.breakwater.oci.RegistryException;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What may not be read is refused in the manner of the listener; a mirror asks for no login. */
class AccessRefusalsTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  private static Answer get(ServerSettings.Face face, ErrorCode code, String path)
      throws IOException {
    ServerSettings settings =
        new ServerSettings(
            new ServerSettings.Listener("127.0.0.1", 0, face),
            1,
            true,
            Duration.ofSeconds(10),
            ServerSettings.Limits.DEFAULTS);
    try (TestServer server = new TestServer(settings);
        RawClient client = server.connect()) {
      server.hub.failure =
          new RegistryException(code, FailureCause.NO_ACCESS, "others may read it", null, null);
      return client.sendHead("GET /v2/a/b/" + path + " HTTP/1.1", "Host: m").read();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "MIRROR, UNAUTHORIZED, manifests/1, 404, MANIFEST_UNKNOWN",
    "MIRROR, DENIED, manifests/1, 404, MANIFEST_UNKNOWN",
    "MIRROR, UNAUTHORIZED, blobs/, 404, BLOB_UNKNOWN",
    "MIRROR, UNAUTHORIZED, tags/list, 404, NAME_UNKNOWN",
    "MIRROR, UNAUTHORIZED, referrers/, 404, MANIFEST_UNKNOWN",
    "BOTH, UNAUTHORIZED, manifests/1, 401, UNAUTHORIZED",
    "BOTH, DENIED, blobs/, 403, DENIED",
    "REGISTRY, UNAUTHORIZED, blobs/, 401, UNAUTHORIZED",
    "REGISTRY, DENIED, tags/list, 403, DENIED",
  })
  void statusFollowsTheFace(
      ServerSettings.Face face, ErrorCode code, String path, int status, String told)
      throws IOException {
    Answer answer = get(face, code, path.endsWith("/") ? path + DIGEST : path);
    assertThat(answer.status()).isEqualTo(status);
    assertThat(answer.text()).contains(told, "others may read it");
    assertThat(answer.field("WWW-Authenticate")).isEmpty();
  }
}
