package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.MultiMap;
import java.net.InetAddress;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ForwardedHeadersTest {
  private final MultiMap headers = MultiMap.caseInsensitiveMultiMap();

  private static boolean isTrusted(InetAddress address) {
    return address.getHostAddress().startsWith("10.");
  }

  private ForwardedHeaders read() {
    return ForwardedHeaders.read(headers, ForwardedHeadersTest::isTrusted);
  }

  @ParameterizedTest
  @CsvSource({
    "'192.0.2.1', 192.0.2.1",
    "'192.0.2.1:4711', 192.0.2.1",
    "'[2001:db8::1]:4711', 2001:db8:0:0:0:0:0:1",
    "'2001:db8::1', 2001:db8:0:0:0:0:0:1",
    "'1.1.1.1, 192.0.2.1', 192.0.2.1",
    "'1.1.1.1, 192.0.2.1, 10.0.0.2, 10.0.0.3', 192.0.2.1",
    "'10.0.0.1, 10.0.0.2', 10.0.0.1",
    "'forged, 10.0.0.2', 10.0.0.2",
    "'1.1.1.1, unknown', ",
    "'', ",
  })
  void clientIsTheLastAddressThatIsNoTrustedProxy(String list, String client) {
    headers.add("X-Forwarded-For", list);
    assertThat(read().client()).isEqualTo(client);
  }

  @Test
  void listInSeveralLinesIsOneList() {
    headers.add("X-Forwarded-For", "1.1.1.1, 192.0.2.1");
    headers.add("X-Forwarded-For", "10.0.0.9");
    assertThat(read().client()).isEqualTo("192.0.2.1");
  }

  @ParameterizedTest
  @CsvSource({
    "'for=192.0.2.1;proto=https;host=\"hub.example:8443\"', 192.0.2.1, https, hub.example:8443",
    "'For=\"[2001:db8::1]:47\"; Proto=HTTPS', 2001:db8:0:0:0:0:0:1, https,",
    "'for=9.9.9.9;proto=http, for=192.0.2.1;proto=https, for=10.0.0.1', 192.0.2.1, https,",
    "'for=_hidden;proto=https', , https,",
    "'proto=ftp;host=\"a b\"', , ,",
  })
  void forwardedIsReadAtThePlaceOfTheClient(
      String text, String client, String scheme, String host) {
    headers.add("Forwarded", text);
    assertThat(read()).isEqualTo(new ForwardedHeaders(client, scheme, host, 0));
  }

  @Test
  void schemeAndHostOfALongListAreThoseAtThePlaceOfTheClient() {
    headers.add("X-Forwarded-For", "9.9.9.9, 192.0.2.1, 10.0.0.1");
    headers.add("X-Forwarded-Proto", "http, https, http");
    headers.add("X-Forwarded-Host", "forged.example, hub.example, inner.example");
    assertThat(read()).isEqualTo(new ForwardedHeaders("192.0.2.1", "https", "hub.example", 0));
  }

  @Test
  void whenBothKindsContradictEachOtherNeitherIsBelieved() {
    headers.add("X-Forwarded-For", "192.0.2.1");
    headers.add("Forwarded", "for=198.51.100.1");
    assertThat(read()).isEqualTo(ForwardedHeaders.NONE);
  }

  @Test
  void bothKindsCountWhenTheySayTheSame() {
    headers.add("X-Forwarded-For", "192.0.2.1");
    headers.add("X-Forwarded-Proto", "https");
    headers.add("Forwarded", "for=192.0.2.1;proto=https");
    assertThat(read().client()).isEqualTo("192.0.2.1");
  }

  @ParameterizedTest
  @ValueSource(strings = {"0", "x", "123456", "-1"})
  void portThatIsNoneDoesNotCount(String port) {
    headers.add("X-Forwarded-Proto", "https").add("X-Forwarded-Port", port);
    assertThat(read().authority("hub.example")).isEqualTo("hub.example");
  }

  @Test
  void portBelongsToAHostWithoutOne() {
    headers.add("X-Forwarded-Proto", "https").add("X-Forwarded-Port", "8443");
    assertThat(read().authority("hub.example")).isEqualTo("hub.example:8443");
    assertThat(read().authority("hub.example:5000")).isEqualTo("hub.example:5000");
    assertThat(read().authority("[::1]")).isEqualTo("[::1]:8443");
  }

  @ParameterizedTest
  @CsvSource({
    "false, hub.example, http://hub.example",
    "false, hub.example:80, http://hub.example",
    "false, hub.example:5000, http://hub.example:5000",
    "true, hub.example, https://hub.example",
    "true, hub.example:443, https://hub.example",
    "true, hub.example:80, https://hub.example:80",
    "true, [2001:db8::1], https://[2001:db8::1]",
    "true, [2001:db8::1]:8443, https://[2001:db8::1]:8443",
    "true, hub.example:99999, https://hub.example",
  })
  void externalUrlHasAPortOnlyWhereItIsNeeded(boolean secure, String authority, String url) {
    assertThat(ExternalUrl.of(secure, authority)).hasToString(url);
  }
}
