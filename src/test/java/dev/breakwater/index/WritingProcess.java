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
      long next =
          index
                  .get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, LATEST))
                  .map(TagRecord::size)
                  .orElse(-1L)
              + 1;
      for (int i = (int) next; ; i++) {
        index.apply(batch(i));
        System.out.println(i);
      }
    }
  }

  static List<Change> batch(int i) {
    return List.of(
        Tables.BLOBS.put(Samples.digest(i), Samples.blob(i)),
        Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, LATEST), Samples.tag(i)),
        Tables.LINKS.put(new InRepository<>(ZONE, REPOSITORY, Samples.digest(i)), Samples.link(i)),
        Tables.MANIFESTS.put(
            new InRepository<>(ZONE, REPOSITORY, Samples.manifest(i).digest()),
            Samples.manifest(i)),
        Tables.TAGS.put(new InRepository<>(ZONE, REPOSITORY, new Tag("v" + i)), Samples.tag(i)));
  }

  static int factsOf(Index index, int i) {
    int facts = 0;
    facts += index.get(Tables.BLOBS, Samples.digest(i)).isPresent() ? 1 : 0;
    facts +=
        index.get(Tables.LINKS, new InRepository<>(ZONE, REPOSITORY, Samples.digest(i))).isPresent()
            ? 1
            : 0;
    facts +=
        index
                .get(
                    Tables.MANIFESTS,
                    new InRepository<>(ZONE, REPOSITORY, Samples.manifest(i).digest()))
                .isPresent()
            ? 1
            : 0;
    facts +=
        index.get(Tables.TAGS, new InRepository<>(ZONE, REPOSITORY, new Tag("v" + i))).isPresent()
            ? 1
            : 0;
    return facts;
  }
}
