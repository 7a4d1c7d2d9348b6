package dev.breakwater.upstream;

/** Who of those that take part in one request failed, in the order in which they are asked. */
enum Hop {
  /** The token server. */
  TOKEN,
  /** The registry, or a mirror of it. */
  REGISTRY,
  /** Where a redirect led: a content network or another store. */
  CONTENT
}
