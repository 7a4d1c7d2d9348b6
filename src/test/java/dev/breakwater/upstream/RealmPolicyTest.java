package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.URI;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The games a hostile registry plays with its realm (docs/findings.md#realms). */
class RealmPolicyTest {
  private static RealmPolicy policy(String registry, String... listed) {
    return new RealmPolicy(Origin.of(URI.create(registry)).orElseThrow(), List.of(listed));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "token",
        "/token",
        "//auth.docker.io/token",
        "http://auth.docker.io/token",
        "https://auth.docker.io.evil.test/token",
        "https://evil-auth.docker.io/token",
        "https://auth.docker.io./token",
        "https://auth.docker.io@evil.test/token",
        "https://evil.test@auth.docker.io/token",
        "https://user:secret@auth.docker.io/token",
        "https://auth.docker.io:8443/token",
        "https://auth.docker.io:0/token",
        "https://auth.docker.io:99999/token",
        "https://docker.io/token",
        "https://evil.registry-1.docker.io/token",
        "https://registry-1.docker.io:444/token",
        "https://127.0.0.1/token",
        "https://2130706433/token",
        "https://[::1]/token",
        "https://[::ffff:127.0.0.1]/token",
        "https://localhost/token",
        "https://auth.docker.io#@evil.test/",
        "https://auth.docker.io\\@evil.test/token",
        "https://auth.docker.io%2eevil.test/token",
        "https://auth.docker.io%00.evil.test/token",
        "https://аuth.docker.io/token",
        "ftp://auth.docker.io/token",
        "file:///etc/passwd",
        "https:auth.docker.io/token",
        "https:///token"
      })
  void foreignRealmIsRefused(String realm) {
    assertThat(policy("https://registry-1.docker.io", "auth.docker.io").permit(realm)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://auth.docker.io/token",
        "https://AUTH.docker.io:443/token?x=y",
        "https://registry-1.docker.io/token"
      })
  void ownAndListedHostsArePermitted(String realm) {
    assertThat(policy("https://registry-1.docker.io", "auth.docker.io").permit(realm)).isPresent();
  }

  @Test
  void ownPortAndListedPortArePermitted() {
    RealmPolicy policy = policy("https://registry.test:5000", "Auth.test:8443");
    assertThat(policy.permit("https://registry.test:5000/token")).isPresent();
    assertThat(policy.permit("https://registry.test/token")).isPresent();
    assertThat(policy.permit("https://auth.test:8443/token")).isPresent();
    assertThat(policy.permit("https://auth.test/token")).isEmpty();
  }

  @Test
  void plainHttpIsPermittedOnlyIfTheRegistryIsPlainItself() {
    assertThat(policy("http://registry.test:5000").permit("http://registry.test:5000/t"))
        .isPresent();
    assertThat(policy("https://registry.test:5000").permit("http://registry.test:5000/t"))
        .isEmpty();
  }

  @Test
  void endlessRealmIsRefused() {
    assertThat(policy("https://r.test").permit("https://r.test/" + "a".repeat(3000))).isEmpty();
  }
}
