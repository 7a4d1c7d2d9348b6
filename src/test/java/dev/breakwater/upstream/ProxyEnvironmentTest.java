package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ZoneName;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The table is that of Go's httpproxy package. */
class ProxyEnvironmentTest {
  private static final String NO_PROXY =
      "foo.com, .sub.test, *.star.test, 192.168.1.1, 192.168.1.2:81, 192.168.1.3:80, 10.0.0.0/30,"
          + " 2001:db8::52:0:1, [2001:db8::52:0:2]:443, [2001:db8::52:0:3]:80, 2002:db8:a::45/64,"
          + " port.test:8443, bad.test:https, 10.0.0.0/99, :80, ,UPPER.test";

  private static Origin origin(String url) {
    return Origin.of(URI.create(url)).orElseThrow();
  }

  @ParameterizedTest
  @CsvSource({
    "http://localhost, true",
    "http://127.0.0.1, true",
    "http://127.0.0.2:8080, true",
    "http://[::1], true",
    "http://[::2], false",
    "http://192.168.1.1, true",
    "http://192.168.1.1:5000, true",
    "http://192.168.1.2, false",
    "http://192.168.1.2:81, true",
    "http://192.168.1.3, true",
    "http://192.168.1.3:81, false",
    "http://192.168.1.4, false",
    "http://10.0.0.2, true",
    "http://10.0.0.3:5000, true",
    "http://10.0.0.4, false",
    "http://[2001:db8::52:0:1], true",
    "https://[2001:db8::52:0:2], true",
    "http://[2001:db8::52:0:2], false",
    "http://[2001:db8::52:0:3], true",
    "http://[2002:db8:a::123], true",
    "http://[fe80::424b:c8be:1643:a1b6], false",
    "http://foo.com, true",
    "http://FOO.com, true",
    "http://www.foo.com:5000, true",
    "http://xfoo.com, false",
    "http://foo.com.evil, false",
    "http://sub.test, false",
    "http://a.sub.test, true",
    "http://star.test, false",
    "http://a.b.star.test, true",
    "http://upper.test, true",
    "https://port.test:8443, true",
    "https://a.port.test:8443, true",
    "https://port.test, false",
    "http://bad.test, false",
    "http://other.test, false"
  })
  void noProxyCoversHosts(String url, boolean direct) {
    ProxyEnvironment environment =
        ProxyEnvironment.of(
            Map.of("HTTP_PROXY", "p", "HTTPS_PROXY", "p:3128", "NO_PROXY", NO_PROXY));
    assertThat(environment.proxyFor(origin(url)).isEmpty()).isEqualTo(direct);
  }

  @Test
  void asteriskCoversEveryHost() {
    ProxyEnvironment environment =
        ProxyEnvironment.of(Map.of("HTTP_PROXY", "p", "no_proxy", "x.test, *"));
    assertThat(environment.proxyFor(origin("http://foo.com"))).isEmpty();
    assertThat(environment.proxyFor(origin("http://8.8.8.8"))).isEmpty();
  }

  @Test
  void eachSchemeHasItsProxyAndUpperCaseWins() {
    ProxyEnvironment environment =
        ProxyEnvironment.of(
            Map.of("HTTP_PROXY", "upper:1", "http_proxy", "lower:1", "https_proxy", "lower:2"));
    assertThat(environment.proxyFor(origin("http://a.test")))
        .hasToString("Optional[http://upper:1]");
    assertThat(environment.proxyFor(origin("https://a.test")))
        .hasToString("Optional[http://lower:2]");
    assertThat(
            ProxyEnvironment.of(Map.of("HTTP_PROXY", "", "http_proxy", "lower:1"))
                .proxyFor(origin("http://a.test")))
        .hasToString("Optional[http://lower:1]");
    assertThat(ProxyEnvironment.NONE.proxyFor(origin("https://a.test"))).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "proxy, proxy, 80, ''",
    "proxy:3128, proxy, 3128, ''",
    "http://Proxy:3128/, proxy, 3128, ''",
    "HTTP://[::1]:8080, ::1, 8080, ''",
    "http://me:secret@proxy:3128, proxy, 3128, me:secret",
    "me%40x:p%3A%40%2f+@proxy:3128, proxy, 3128, me@x:p:@/+",
    "http://me@proxy:3128, proxy, 3128, me:",
    "http://me:p@ss@proxy:3128, proxy, 3128, me:p@ss",
    "http://me:100%@proxy:3128, proxy, 3128, me:100%"
  })
  void proxyIsReadWithItsLogin(String text, String host, int port, String login) {
    ProxyAddress address = ProxyAddress.parse(text, 80).orElseThrow();
    assertThat(address.host()).isEqualTo(host);
    assertThat(address.port()).isEqualTo(port);
    assertThat(address.login().map(who -> who.username() + ":" + who.secret()).orElse(""))
        .isEqualTo(login);
    assertThat(address.toString()).doesNotContain("secret", "@");
  }

  @ParameterizedTest
  @ValueSource(strings = {"https://me:secret@p:1", "socks5://secret:1", "http://p:secret", "p:0"})
  void proxyOfAnotherKindIsRefusedWithoutRepeatingIt(String text) {
    assertThatThrownBy(() -> ProxyEnvironment.of(Map.of("https_proxy", text)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("https_proxy")
        .hasMessageContaining("http://host:port")
        .hasMessageNotContaining("secret");
  }

  @Test
  void routeNamesTheProxyAndNeverThePassword() {
    Map<String, String> variables =
        Map.of("HTTPS_PROXY", "http://me:secret@p:3128", "NO_PROXY", "inside.test");
    assertThat(settings("https://a.test", Optional.empty(), variables).route())
        .contains("through the proxy http://p:3128 of HTTPS_PROXY");
    assertThat(settings("https://inside.test", Optional.empty(), variables).route())
        .contains("directly, not through HTTPS_PROXY, because of NO_PROXY");
    assertThat(settings("http://a.test", Optional.empty(), variables).route()).isEmpty();
    assertThat(settings("https://a.test", Optional.of("http://me:secret@q:1"), variables).route())
        .contains("through the proxy http://q:1 of upstreams.z.proxy");
  }

  private static UpstreamSettings settings(
      String url, Optional<String> proxy, Map<String, String> variables) {
    return new UpstreamSettings(
        new ZoneName("z"),
        URI.create(url),
        List.of(),
        List.of(),
        CredentialSettings.NONE,
        Optional.empty(),
        Optional.empty(),
        proxy.map(URI::create),
        List.of(),
        RequestLimits.DEFAULT,
        TimeLimits.DEFAULT,
        ProxyEnvironment.of(variables));
  }
}
