package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The cases of Go's own test of http.CrossOriginProtection, and some more. */
class CrossOriginTest {
  @ParameterizedTest
  @CsvSource({
    "POST, same-origin, , false",
    "POST, none, , false",
    "POST, cross-site, , true",
    "POST, same-site, , true",
    "POST, unheard-of, , true",
    "POST, same-origin, https://evil.example, false",
    "POST, cross-site, http://mirror:5001, true",
    "POST, , , false",
    "POST, , http://mirror:5001, false",
    "POST, , https://mirror:5001, false",
    "POST, , http://MIRROR:5001, false",
    "POST, , http://mirror, true",
    "POST, , http://mirror:5002, true",
    "POST, , http://evil.example, true",
    "POST, , http://evil.example/mirror:5001, true",
    "POST, , null, true",
    "POST, , mirror:5001, true",
    "PUT, cross-site, , true",
    "DELETE, , http://evil.example, true",
    "PATCH, , http://evil.example, true",
    "GET, cross-site, http://evil.example, false",
    "HEAD, cross-site, , false",
    "OPTIONS, cross-site, http://evil.example, false"
  })
  void commandsOfOtherSitesAreRefused(
      String method, String fetchSite, String origin, boolean refused) {
    assertThat(CrossOrigin.isRefused(method, fetchSite, origin, "mirror:5001")).isEqualTo(refused);
  }
}
