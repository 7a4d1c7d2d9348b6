package dev.breakwater.storage;

import dev.breakwater.oci.Digest;

/** Told when stored bytes turn out to be bad, and when good ones have taken their place. */
public interface DamageWatch {
  /** Does nothing. */
  DamageWatch NONE =
      new DamageWatch() {
        @Override
        public void damaged(Digest digest) {
          // Nothing to do.
        }

        @Override
        public void healed(Digest digest) {
          // Nothing to do.
        }
      };

  /**
   * A blob was found damaged and is in the quarantine; the index still names it. On any thread;
   * must not block.
   */
  void damaged(Digest digest);

  /** A blob that was found damaged is in the store again. On any thread; must not block. */
  void healed(Digest digest);
}
