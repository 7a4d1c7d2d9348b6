package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Tag;

/**
 * What must not be deleted, however long it was not used, because an operator keeps it. Asked just
 * before a deletion, on any thread; does not block for long.
 *
 * <p>Each pin holds the thing itself. A sweep also keeps the blobs and links that a pinned manifest
 * names, but eviction looks at the pins of blobs only. So to keep an image, its tag, its manifests
 * and its blobs are pinned.
 */
public interface Pins {
  /** Nothing is pinned. */
  Pins NONE =
      new Pins() {
        @Override
        public boolean isTagPinned(InRepository<Tag> tag) {
          return false;
        }

        @Override
        public boolean isManifestPinned(InRepository<Digest> manifest) {
          return false;
        }

        @Override
        public boolean isBlobPinned(Digest blob) {
          return false;
        }
      };

  /** Whether the tag must stay. */
  boolean isTagPinned(InRepository<Tag> tag);

  /** Whether the manifest must stay in this repository. */
  boolean isManifestPinned(InRepository<Digest> manifest);

  /** Whether the bytes must stay. */
  boolean isBlobPinned(Digest blob);
}
