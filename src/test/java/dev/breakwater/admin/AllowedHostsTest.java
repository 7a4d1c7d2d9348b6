package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AllowedHostsTest {
  private static final AllowedHosts HOSTS =
      new AllowedHosts(List.of("mirror.example.com", "WEB1", "0.0.0.0"));

  @ParameterizedTest
  @ValueSource(
      strings = {
        "localhost",
        "LocalHost:5001",
        "localhost.",
        "a.localhost:80",
        "127.0.0.1",
        "127.0.0.1:5001",
        "10.1.2.3:1",
        "8.8.8.8",
        "[::1]",
        "[::1]:5001",
        "[::ffff:127.0.0.1]:5001",
        "mirror.example.com",
        "Mirror.Example.com.:5001",
        "web1:5001"
      })
  void namesThatNoStrangerCanHaveAreAllowed(String host) {
    assertThat(HOSTS.allows(host)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":5001",
        "evil.example",
        "evil.example:5001",
        "localhost.evil.example",
        "notlocalhost",
        "mirror.example.com.evil.example",
        "evil.mirror.example.com",
        "127.0.0.1.evil.example",
        "127.0.0.256",
        "127.0.0.01",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "localhost:x",
        "localhost:5001:80",
        "localhost@evil.example",
        "evil.example#localhost",
        "::1",
        "[::1",
        "[::1]x",
        "[127.0.0.1]",
        "[evil.example]",
        "[]",
        "localhost..",
        "."
      })
  void otherNamesAreNot(String host) {
    assertThat(HOSTS.allows(host)).isFalse();
  }
}
