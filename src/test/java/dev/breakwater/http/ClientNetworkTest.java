package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClientNetworkTest {
  @ParameterizedTest
  @CsvSource({
    "192.0.2.7, 192.0.2.7",
    "::ffff:192.0.2.7, 192.0.2.7",
    "2001:db8:1:2:3:4:5:6, 2001:db8:1:2:0:0:0:0/64",
    "2001:db8:1:2::9, 2001:db8:1:2:0:0:0:0/64",
    "2001:db8:1:3::9, 2001:db8:1:3:0:0:0:0/64",
    "fe80::1%lo, fe80:0:0:0:0:0:0:0/64",
    "not:an:address, not:an:address",
    "null, null"
  })
  void addressesOfOneIpv6NetworkAreOneClient(String address, String client) {
    assertThat(ClientNetwork.of(address)).isEqualTo(client);
  }
}
