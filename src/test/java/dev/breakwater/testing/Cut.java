package dev.breakwater.testing;

/** How a connection is broken off. */
public enum Cut {
  /** An orderly close: the client sees the end of the stream (TLS: without close_notify). */
  FIN,
  /** A reset; bytes that the client has not yet received may be lost with it. */
  RST
}
