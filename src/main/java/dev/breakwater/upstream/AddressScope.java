package dev.breakwater.upstream;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;

/** How near to us an address leads; the nearer, the more an upstream must be trusted to name it. */
enum AddressScope {
  /** The open internet. */
  PUBLIC,
  /** The organisation's own: private ranges, carrier-grade NAT, unique local. */
  PRIVATE,
  /** This machine. */
  LOOPBACK,
  /** Nothing an answer may lead to: link-local (cloud metadata), multicast, reserved. */
  NEVER;

  /** The class of an address; IPv6 forms that embed an IPv4 address are judged by that one. */
  static AddressScope of(InetAddress address) {
    byte[] bytes = address.getAddress();
    return address instanceof Inet6Address ? ofV6(bytes) : ofV4(bytes, 0);
  }

  /** The farthest of the addresses; of none, or only such as are never led to, {@link #PUBLIC}. */
  static AddressScope farthest(List<InetAddress> addresses) {
    AddressScope farthest = NEVER;
    for (InetAddress address : addresses) {
      farthest = farther(farthest, of(address));
    }
    return farthest == NEVER ? PUBLIC : farthest;
  }

  static AddressScope farther(AddressScope one, AddressScope other) {
    return one.compareTo(other) < 0 ? one : other;
  }

  private static AddressScope ofV4(byte[] bytes, int at) {
    int a = bytes[at] & 0xff;
    int b = bytes[at + 1] & 0xff;
    int c = bytes[at + 2] & 0xff;
    return switch (a) {
      case 0 -> NEVER;
      case 10 -> PRIVATE;
      case 127 -> LOOPBACK;
      case 100 -> b >= 64 && b < 128 ? PRIVATE : PUBLIC;
      case 169 -> b == 254 ? NEVER : PUBLIC;
      case 172 -> b >= 16 && b < 32 ? PRIVATE : PUBLIC;
      case 192 -> b == 168 ? PRIVATE : b == 0 && (c == 0 || c == 2) ? NEVER : PUBLIC;
      case 198 -> b == 18 || b == 19 ? PRIVATE : b == 51 && c == 100 ? NEVER : PUBLIC;
      case 203 -> b == 0 && c == 113 ? NEVER : PUBLIC;
      default -> a >= 224 ? NEVER : PUBLIC;
    };
  }

  private static AddressScope ofV6(byte[] bytes) {
    int first = (bytes[0] & 0xff) << 8 | (bytes[1] & 0xff);
    int second = (bytes[2] & 0xff) << 8 | (bytes[3] & 0xff);
    if (isZero(bytes, 0, 10)) {
      return ofLow(bytes);
    }
    if (first == 0x64 && second == 0xff9b) {
      return isZero(bytes, 4, 12) ? ofV4(bytes, 12) : PRIVATE;
    }
    if (first == 0x2002) {
      return ofV4(bytes, 2);
    }
    if (first == 0x2001 && second == 0) {
      return NEVER;
    }
    if ((first & 0xfe00) == 0xfc00) {
      return PRIVATE;
    }
    return (first & 0xe000) == 0x2000 ? PUBLIC : NEVER;
  }

  /** Unspecified, loopback, v4-mapped and v4-compatible. */
  private static AddressScope ofLow(byte[] bytes) {
    if (isZero(bytes, 10, 15)) {
      return bytes[15] == 1 ? LOOPBACK : NEVER;
    }
    return ofV4(bytes, 12);
  }

  private static boolean isZero(byte[] bytes, int from, int to) {
    return Arrays.equals(bytes, from, to, new byte[to - from], 0, to - from);
  }
}
