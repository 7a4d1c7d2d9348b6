package dev.breakwater.gc;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.Index;
import dev.breakwater.index.Tables;
import dev.breakwater.index.VisibilityRecord;
import dev.breakwater.index.WholeRepository;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Deletes what upstream said long ago of repositories of which no manifest is here. What has
 * manifests keeps it, however old: it is what they are served by while upstream is unavailable.
 *
 * @param before what upstream said from then on stays, in milliseconds since the epoch
 */
record VisibilitySweep(Index index, WorkPacer pace, long before) {
  void run(EntryDeletions deaths) {
    index.scan(
        Tables.VISIBILITY,
        (key, told) -> {
          pace.step();
          if (told.checkedAt() < before && !hasManifests(key)) {
            deaths.add(() -> isStill(key, told), Tables.VISIBILITY.delete(key));
          }
        });
    deaths.deleteAll();
  }

  private boolean hasManifests(InRepository<?> repository) {
    AtomicBoolean found = new AtomicBoolean();
    index.scan(
        Tables.MANIFESTS,
        repository.zone(),
        repository.repository(),
        (key, manifest) -> found.set(true));
    return found.get();
  }

  private boolean isStill(InRepository<WholeRepository> key, VisibilityRecord told) {
    return index.get(Tables.VISIBILITY, key).equals(Optional.of(told));
  }
}
