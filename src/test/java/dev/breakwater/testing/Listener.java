package dev.breakwater.testing;

/** The three servers that together are one upstream. */
public enum Listener {
  /** The registry itself. */
  REGISTRY,
  /** The token server. */
  AUTH,
  /** Where blob requests may be redirected to. */
  CDN
}
