package dev.breakwater.cli;

import dev.breakwater.oci.Amounts;

/** Amounts of bytes for people: {@code 1.5 GiB}. */
final class Sizes {
  private Sizes() {}

  static String text(long bytes) {
    return Amounts.bytes(bytes);
  }
}
