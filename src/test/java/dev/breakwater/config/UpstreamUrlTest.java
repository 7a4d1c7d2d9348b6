package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UpstreamUrlTest {
  @ParameterizedTest
  @CsvSource({
    "https://registry-1.docker.io, https://registry-1.docker.io",
    "https://ghcr.io/, https://ghcr.io",
    "http://127.0.0.1:5001, http://127.0.0.1:5001",
    "http://[::1]:5001, http://[::1]:5001",
    "https://example.com/api/docker//, https://example.com/api/docker",
  })
  void registryUrlLosesItsLastSlash(String text, URI url) {
    assertThat(UpstreamUrl.parse(text)).isEqualTo(url);
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io, is not a URL with http",
    "ftp://docker.io, is not a URL with http",
    "https:docker.io, has no valid host",
    "https://, is not a URL",
    "https://my_host, has no valid host",
    "https://x:0, has no valid host and port",
    "https://x:65536, has no valid host and port",
    "https://x y, is not a URL",
    "https://x/v2/, leave that out",
    "https://x?a=b, must end before its '?'",
    "https://x#a, must end before its '?'",
    "https://me@x, must not hold a user name",
  })
  void anythingElseIsRefusedWithItsReason(String text, String reason) {
    assertThatThrownBy(() -> UpstreamUrl.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(reason);
  }

  @ParameterizedTest
  @CsvSource({
    "http://proxy:3128, true",
    "http://proxy:3128/, true",
    "http://proxy, false",
    "http://me:p^w@proxy:3128, false",
    "http://me:pw@proxy, false"
  })
  void proxyHasAPort(String text, boolean valid) {
    if (valid) {
      assertThat(UpstreamUrl.parseProxy(text)).isEqualTo(URI.create("http://proxy:3128"));
    } else {
      assertThatThrownBy(() -> UpstreamUrl.parseProxy(text)).hasMessageContaining("HOST:PORT");
    }
  }

  @ParameterizedTest
  @CsvSource({"https://proxy:3128", "http://proxy:3128/path", "socks5://proxy:1080"})
  void onlyPlainHttpProxiesAreTaken(String text) {
    assertThatThrownBy(() -> UpstreamUrl.parseProxy(text))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
