package dev.breakwater.cli;

import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.app.OfflineCache;
import dev.breakwater.app.StartupException;
import dev.breakwater.config.Config;
import dev.breakwater.config.ListenAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The data directory that a command is about.
 *
 * @param config names it, and the admin listener of the server that may be using it
 * @param adminGiven whether the operator has named that listener; otherwise the server's own note
 *     in the directory counts, which is right whatever the server was configured with
 */
record DataDirectory(Config config, boolean adminGiven) {
  /** Asks for an answer of which there is more than one way to get it. */
  interface Question<T, A> {
    A ask(T one) throws StartupException, InterruptedException;
  }

  Path path() {
    return config.data().directory();
  }

  private ListenAddress admin() {
    ListenAddress configured = config.admin().address();
    return adminGiven ? configured : DataDirectoryLock.adminAddress(path()).orElse(configured);
  }

  /** What the directory answers if no server uses it, else what that server answers. Blocks. */
  <A> A ask(Question<OfflineCache, A> unused, Question<AdminClient, A> used)
      throws StartupException, InterruptedException {
    Optional<DataDirectoryLock> lock = DataDirectoryLock.tryAcquire(path());
    if (lock.isEmpty()) {
      try (AdminClient server = new AdminClient(admin())) {
        return used.ask(server);
      }
    }
    try (DataDirectoryLock _ = lock.get();
        OfflineCache cache = OfflineCache.open(config)) {
      return unused.ask(cache);
    }
  }
}
