package dev.breakwater.gc;

import dev.breakwater.index.Change;
import dev.breakwater.oci.Digest;
import dev.breakwater.storage.BlobCheck;
import dev.breakwater.storage.BlobStore;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * What is done about findings.
 *
 * @param store repaired; empty if findings are only told
 * @param index takes the changes of the store's index
 */
record FsckRepairs(Optional<BlobStore> store, Consumer<List<Change>> index) {
  /** Nothing: they are only told. */
  static final FsckRepairs NONE = new FsckRepairs(Optional.empty(), changes -> {});

  /** Repairs in the store and, by way of {@code apply}, in its index. */
  static FsckRepairs of(BlobStore store, Consumer<List<Change>> apply) {
    return new FsckRepairs(Optional.of(store), apply);
  }

  /** Changes the index. */
  void apply(List<Change> changes) {
    index.accept(changes);
  }

  /** Takes a damaged file out of the store; false if it was replaced or removed meanwhile. */
  boolean quarantine(Digest digest, BlobCheck.Finding finding) throws IOException {
    return store.isEmpty() || store.get().quarantineIfDamaged(digest, finding);
  }

  /** Removes what a download left; false if it is under way. */
  boolean discardDownload(Digest digest) throws IOException {
    return store.isEmpty() || store.get().parts().discard(digest);
  }
}
