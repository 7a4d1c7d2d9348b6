package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.Refusal.Reason;
import io.netty.handler.codec.http.TooLongHttpHeaderException;
import io.netty.handler.codec.http.TooLongHttpLineException;
import io.vertx.core.MultiMap;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpVersion;
import java.util.Optional;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.AlphaChars;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.NumericChars;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The decision by itself; RefusalTest shows what the decoder leaves to it. */
class FrontFilterTest {
  private static final int MAX_HEADERS = 4;

  private static Optional<Reason> check(HttpMethod method, String uri, String... headers) {
    MultiMap fields = MultiMap.caseInsensitiveMultiMap();
    for (int i = 0; i < headers.length; i += 2) {
      fields.add(headers[i], headers[i + 1]);
    }
    RequestTarget target = RequestTarget.of(uri, fields.get(Fields.HOST));
    return FrontFilter.check(method, HttpVersion.HTTP_1_1, target, fields, MAX_HEADERS)
        .map(Refusal::reason);
  }

  private static Optional<Reason> ofPath(String uri) {
    return check(HttpMethod.GET, uri, "Host", "m");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"/", "/v2/", "/v2/a/b..c/manifests/x", "/v2/...", "/v2/.a", "/v2/?", "/?a=%00"})
  void pathIsLetThrough(String uri) {
    assertThat(ofPath(uri)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "//",
        "/..",
        "/.",
        "/v2/..",
        "/v2/.",
        "/v2/../x",
        "/v2/./x",
        "/v2//x",
        "/v2//",
        "/v2/%61"
      })
  void pathIsRefused(String uri) {
    assertThat(ofPath(uri)).contains(Reason.PATH);
  }

  @Property
  boolean noPathWithADotOrEmptySegmentIsLetThrough(
      @ForAll @AlphaChars @NumericChars @Chars({'.', '/', '-', '%'}) @StringLength(max = 12)
          String tail) {
    String path = "/" + tail;
    String[] segments = path.substring(1).split("/", -1);
    boolean bad = path.indexOf('%') >= 0;
    for (int i = 0; i < segments.length; i++) {
      boolean last = i == segments.length - 1;
      bad |=
          segments[i].equals(".") || segments[i].equals("..") || (segments[i].isEmpty() && !last);
    }
    return ofPath(path).isPresent() == bad;
  }

  @ParameterizedTest
  @ValueSource(strings = {"m", "m:5000", "a-b.c_d:1", "[::1]", "[fe80::1]:80", "127.0.0.1"})
  void hostIsLetThrough(String host) {
    assertThat(check(HttpMethod.GET, "/v2/", "Host", host)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ":80", "m:", "m:x", "m:123456", "[]", "[::1", "[::g]", "[::1]x", "a b", "a@b"})
  void hostIsRefused(String host) {
    assertThat(check(HttpMethod.GET, "/v2/", "Host", host)).contains(Reason.HOST);
  }

  @ParameterizedTest
  @CsvSource({
    "GET, 0, false",
    "GET, 000, false",
    "GET, 1, true",
    "HEAD, 1, true",
    "POST, 1, false",
    "DELETE, 1, false"
  })
  void onlyARequestThatReadsMustNotHaveABody(String method, String length, boolean refused) {
    Optional<Reason> reason =
        check(HttpMethod.valueOf(method), "/v2/", "Host", "m", "Content-Length", length);
    assertThat(reason.filter(found -> found == Reason.BODY).isPresent()).isEqualTo(refused);
    assertThat(reason.isPresent()).isEqualTo(refused);
  }

  @Property
  boolean headerThatDiffersFromAFramingHeaderInOneByteIsRefused(
      @ForAll @IntRange(min = 0x21, max = 0x7e) int odd) {
    char c = (char) odd;
    boolean real = c == 'L' || c == 'l';
    Optional<Reason> reason =
        check(HttpMethod.POST, "/v2/", "Host", "m", "Content-" + c + "ength", "1");
    return real ? reason.isEmpty() : reason.equals(Optional.of(Reason.FRAMING));
  }

  @Test
  void headersAreCounted() {
    String[] headers = {"Host", "m", "a", "1", "b", "1", "c", "1", "d", "1"};
    assertThat(check(HttpMethod.GET, "/v2/", headers)).contains(Reason.HEADERS);
  }

  @Test
  void whatTheDecoderRefusedKeepsItsStatus() {
    assertThat(FrontFilter.malformed(new TooLongHttpLineException("x")).status()).isEqualTo(414);
    assertThat(FrontFilter.malformed(new TooLongHttpHeaderException("x")).status()).isEqualTo(431);
    assertThat(FrontFilter.malformed(new IllegalArgumentException("x")).status()).isEqualTo(400);
    assertThat(FrontFilter.malformed(null).status()).isEqualTo(400);
  }
}
