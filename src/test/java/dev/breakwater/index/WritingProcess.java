package dev.breakwater.index;

import static dev.breakwater.index.Samples.LATEST;
import static dev.breakwater.index.Samples.REPOSITORY;
import static dev.breakwater.index.Samples.ZONE;

import dev.breakwater.oci.Tag;
import java.nio.file.Path;
import java.util.List;

/**
 * Applies batch after batch until it is killed and prints the number of each one that was taken. In
 * batch n the tag {@code latest} moves to n and four other facts of that number appear.
 */
final class WritingProcess {
  private WritingProcess() {}

  public static void main(String[] arguments) {
    try (RocksIndex index = RocksIndex.open(Path.of(arguments[0])).index()) {
      long next = index.tag(ZONE, REPOSITORY, LATEST).map(TagRecord::size).orElse(-1L) + 1;
      for (int i = (int) next; ; i++) {
        index.apply(batch(i));
        System.out.println(i);
      }
    }
  }

  static List<IndexChange> batch(int i) {
    return List.of(
        new IndexChange.PutBlob(Samples.digest(i), Samples.blob(i)),
        new IndexChange.PutTag(ZONE, REPOSITORY, LATEST, Samples.tag(i)),
        new IndexChange.PutLink(ZONE, REPOSITORY, Samples.digest(i), Samples.link(i)),
        new IndexChange.PutManifest(ZONE, REPOSITORY, Samples.manifest(i)),
        new IndexChange.PutTag(ZONE, REPOSITORY, new Tag("v" + i), Samples.tag(i)));
  }

  static int factsOf(Index index, int i) {
    int facts = 0;
    facts += index.blob(Samples.digest(i)).isPresent() ? 1 : 0;
    facts += index.link(ZONE, REPOSITORY, Samples.digest(i)).isPresent() ? 1 : 0;
    facts += index.manifest(ZONE, REPOSITORY, Samples.manifest(i).digest()).isPresent() ? 1 : 0;
    facts += index.tag(ZONE, REPOSITORY, new Tag("v" + i)).isPresent() ? 1 : 0;
    return facts;
  }
}
