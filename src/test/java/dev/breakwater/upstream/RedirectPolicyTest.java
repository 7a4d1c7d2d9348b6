package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ContentKind;
import java.net.URI;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedirectPolicyTest {
  private static final Target HERE =
      Target.of(URI.create("https://r.test/v2/a/blobs/sha256:00?x=y")).orElseThrow();

  private static Target next(String location) {
    return RedirectPolicy.next(attempt(), HERE, Optional.of(location), 0);
  }

  private static Attempt attempt() {
    Deadline deadline = Deadline.in(TimeLimits.DEFAULT.headers(), System::nanoTime);
    return new Attempt(
        new Call(ContentKind.BLOB, "pulling a blob", UpstreamClient.NGINX, false, deadline),
        Endpoint.of(URI.create("https://r.test"), true),
        Account.anonymous(System::nanoTime),
        Optional.empty(),
        "r.test",
        deadline,
        0,
        Hop.REGISTRY);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://cdn.test/x?signature=secret",
        "file:///etc/passwd",
        "gopher://cdn.test/",
        "https://user:secret@cdn.test/",
        "https://cdn.test:0/",
        "https://cdn.test:70000/",
        "https://cdn.test./",
        "https:///x",
        "",
        " ",
        "https://",
        "https://cdn.test/a b?signature=secret",
        "https://cdn.test/\u0007?signature=secret",
        "https://cdn.test/%zz?signature=secret",
        "mailto:a@b"
      })
  void wrongPlaceIsRefusedWithoutRepeatingIt(String location) {
    assertThatThrownBy(() -> next(location))
        .isInstanceOfSatisfying(
            UpstreamException.class,
            failure -> assertThat(failure.outcome()).isEqualTo(UpstreamOutcome.INVALID))
        .hasMessageStartingWith("pulling a blob from r.test: it redirects")
        .hasMessageNotContaining("secret");
  }

  @Test
  void missingLocationIsRefused() {
    assertThatThrownBy(() -> RedirectPolicy.next(attempt(), HERE, Optional.empty(), 0))
        .isInstanceOf(UpstreamException.class);
  }

  @Test
  void sixthHopIsRefused() {
    assertThat(RedirectPolicy.next(attempt(), HERE, Optional.of("/x"), 4)).isNotNull();
    assertThatThrownBy(() -> RedirectPolicy.next(attempt(), HERE, Optional.of("/x"), 5))
        .hasMessageContaining("more than 5 times");
  }

  @ParameterizedTest
  @CsvSource({
    "https://cdn.test/a%2Fb?X-Sig=a%2Bb&c=%3D,https://cdn.test/a%2Fb?X-Sig=a%2Bb&c=%3D",
    "//cdn.test:8443/x,https://cdn.test:8443/x",
    "/other?q,https://r.test/other?q",
    "sibling,https://r.test/v2/a/blobs/sibling",
    "?other,https://r.test/v2/a/blobs/sha256:00?other",
    "https://CDN.test,https://cdn.test/",
    "https://my_bucket.s3.test/x,https://my_bucket.s3.test/x",
    "https://cdn.test/a|b?c={d}&e=é,https://cdn.test/a%7Cb?c=%7Bd%7D&e=%C3%A9",
    "https://cdn.test/x#fragment,https://cdn.test/x"
  })
  void locationIsResolvedAndItsEncodingKept(String location, String expected) {
    assertThat(next(location).url()).isEqualTo(expected);
  }

  @Test
  void targetNeverPrintsItsQuery() {
    assertThat(next("https://cdn.test/x?signature=secret")).hasToString("https://cdn.test/x");
  }
}
