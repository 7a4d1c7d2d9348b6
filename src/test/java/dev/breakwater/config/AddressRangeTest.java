package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressRangeTest {
  @ParameterizedTest
  @CsvSource({
    "10.0.0.0/8, 10.255.255.255, true",
    "10.0.0.0/8, 11.0.0.0, false",
    "192.0.2.128/25, 192.0.2.127, false",
    "192.0.2.128/25, 192.0.2.129, true",
    "192.0.2.7, 192.0.2.7, true",
    "192.0.2.7, 192.0.2.8, false",
    "0.0.0.0/0, 203.0.113.9, true",
    "0.0.0.0/0, ::1, false",
    "fd00::/8, fdff::1, true",
    "fd00::/8, fe00::1, false",
    "::1, ::1, true",
    "::/0, 127.0.0.1, false",
  })
  void rangeHasTheAddressesThatShareItsPrefix(String range, String address, boolean isIn) {
    assertThat(AddressRange.parse(range).contains(InetAddress.ofLiteral(address))).isEqualTo(isIn);
  }

  @ParameterizedTest
  @CsvSource({
    "proxy.example, is not a range of IP addresses",
    "'', is not a range of IP addresses",
    "10.0.0/8, is not a range of IP addresses",
    "1234, is not a range of IP addresses",
    "10.0.0.0/33, has no prefix length from 0 to 32",
    "10.0.0.0/, has no prefix length from 0 to 32",
    "10.0.0.0/-1, has no prefix length from 0 to 32",
    "fd00::/129, has no prefix length from 0 to 128",
    "10.1.2.3/8, write 10.0.0.0/8",
  })
  void whatIsNoRangeIsRefusedWithTheRemedy(String text, String message) {
    assertThatThrownBy(() -> AddressRange.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining(message);
  }

  @Test
  void listenerHasTheProxiesThatAreWritten() {
    Config config =
        ConfigLoader.load(
                Optional.empty(),
                Map.of("BREAKWATER_LISTENERS_0_TRUSTED_PROXIES", "10.0.0.0/8,::1"),
                FlagOverrides.none())
            .config();
    assertThat(config.listeners().getFirst().trustedProxies())
        .containsExactly(AddressRange.parse("10.0.0.0/8"), AddressRange.parse("::1"));
  }
}
