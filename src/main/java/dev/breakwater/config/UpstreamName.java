package dev.breakwater.config;

import dev.breakwater.oci.ZoneName;

/** The name of an upstream: any zone but the one of what is pushed here. */
final class UpstreamName {
  private static final String HOSTED = "hosted";

  private UpstreamName() {}

  static ZoneName parse(String text) {
    if (text.equals(HOSTED)) {
      throw new IllegalArgumentException(
          "an upstream must not be called hosted; that name is reserved for images pushed here");
    }
    return new ZoneName(text);
  }
}
