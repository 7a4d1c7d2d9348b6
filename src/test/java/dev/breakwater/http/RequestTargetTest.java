package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestTargetTest {
  @ParameterizedTest
  @CsvSource({
    "http://a:1/v2/?x=1, a:1, /v2/?x=1, /v2/",
    "HTTPS://a/v2, a, /v2, /v2",
    "http://a, a, /, /",
    "http://a?x=1, a, /?x=1, /",
    "http://a#x, a, /#x, /#x",
    "http://, '', /, /",
    "http://a/http://b/, a, /http://b/, /http://b/"
  })
  void absoluteFormHasItsOwnHost(String text, String host, String uri, String path) {
    RequestTarget target = RequestTarget.of(text, "from-the-header");
    assertThat(target).isEqualTo(new RequestTarget(host, uri, true));
    assertThat(target.path()).isEqualTo(path);
  }

  @ParameterizedTest
  @CsvSource({"/v2/?a?b, /v2/", "/v2/a, /v2/a", "?x, ''", "'', ''", "ftp://a/b, ftp://a/b"})
  void everyOtherFormIsTakenAsItStands(String text, String path) {
    RequestTarget target = RequestTarget.of(text, "m:5000");
    assertThat(target).isEqualTo(new RequestTarget("m:5000", text, false));
    assertThat(target.path()).isEqualTo(path);
  }

  @Test
  void hostIsEmptyWhereNoneIsNamed() {
    assertThat(RequestTarget.of("/v2/", null).host()).isEmpty();
  }
}
