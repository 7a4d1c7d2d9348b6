package dev.breakwater.gc;

import dev.breakwater.oci.Digest;

/** Blobs that must not be deleted however cold they are: what was pushed, what was pinned. */
@FunctionalInterface
public interface Pins {
  /** Nothing is pinned. */
  Pins NONE = digest -> false;

  /** Whether it must stay; asked just before it would be deleted. Does not block for long. */
  boolean isPinned(Digest digest);
}
