package dev.breakwater.config;

/** Who may read what is mirrored of an upstream. */
enum UpstreamAccess {
  ANONYMOUS
}
