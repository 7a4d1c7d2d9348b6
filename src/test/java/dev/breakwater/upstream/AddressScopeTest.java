package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressScopeTest {
  @ParameterizedTest
  @CsvSource({
    "8.8.8.8,PUBLIC",
    "100.63.255.255,PUBLIC",
    "172.15.0.1,PUBLIC",
    "172.32.0.1,PUBLIC",
    "192.0.1.1,PUBLIC",
    "2606:4700::1111,PUBLIC",
    "64:ff9b::8.8.8.8,PUBLIC",
    "10.1.2.3,PRIVATE",
    "100.64.0.1,PRIVATE",
    "100.127.255.255,PRIVATE",
    "172.16.0.1,PRIVATE",
    "172.31.255.255,PRIVATE",
    "192.168.1.1,PRIVATE",
    "198.18.0.1,PRIVATE",
    "fd00::1,PRIVATE",
    "64:ff9b::10.0.0.1,PRIVATE",
    "64:ff9b:1::1,PRIVATE",
    "2002:a00:1::1,PRIVATE",
    "::ffff:192.168.0.1,PRIVATE",
    "127.0.0.1,LOOPBACK",
    "127.255.255.254,LOOPBACK",
    "::1,LOOPBACK",
    "::ffff:127.0.0.1,LOOPBACK",
    "::127.0.0.1,LOOPBACK",
    "64:ff9b::127.0.0.1,LOOPBACK",
    "2002:7f00:1::,LOOPBACK",
    "0.0.0.0,NEVER",
    "0.1.2.3,NEVER",
    "169.254.169.254,NEVER",
    "::ffff:169.254.169.254,NEVER",
    "64:ff9b::169.254.169.254,NEVER",
    "224.0.0.1,NEVER",
    "255.255.255.255,NEVER",
    "192.0.2.1,NEVER",
    "198.51.100.1,NEVER",
    "203.0.113.1,NEVER",
    "::,NEVER",
    "fe80::1,NEVER",
    "fec0::1,NEVER",
    "ff02::1,NEVER",
    "2001::1,NEVER",
    "100::1,NEVER"
  })
  void addressesAreClassed(String literal, AddressScope expected) {
    assertThat(AddressScope.of(InetAddress.ofLiteral(literal))).isEqualTo(expected);
  }
}
