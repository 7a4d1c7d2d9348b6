package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import java.io.IOException;
import java.util.List;
import java.util.function.Consumer;

/** What is done about findings. */
interface FsckRepairs {
  /** Nothing: they are only told. */
  FsckRepairs NONE =
      new FsckRepairs() {
        @Override
        public void apply(List<Change> changes) {
          // Told, not changed.
        }

        @Override
        public boolean quarantine(Digest digest, BlobCheck.Finding finding) {
          return true;
        }

        @Override
        public boolean discardDownload(Digest digest) {
          return true;
        }
      };

  /** Changes the index. */
  void apply(List<Change> changes);

  /** Takes a damaged file out of the store; false if it was replaced or removed meanwhile. */
  boolean quarantine(Digest digest, BlobCheck.Finding finding) throws IOException;

  /** Removes what a download left; false if it is under way. */
  boolean discardDownload(Digest digest) throws IOException;

  /** Repairs in the store and, by way of {@code apply}, in its index. */
  static FsckRepairs of(BlobStore store, Consumer<List<Change>> apply) {
    return new FsckRepairs() {
      @Override
      public void apply(List<Change> changes) {
        apply.accept(changes);
      }

      @Override
      public boolean quarantine(Digest digest, BlobCheck.Finding finding) throws IOException {
        return store.quarantineIfDamaged(digest, finding);
      }

      @Override
      public boolean discardDownload(Digest digest) throws IOException {
        return store.parts().discard(digest);
      }
    };
  }
}
