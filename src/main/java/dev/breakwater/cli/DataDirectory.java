package dev.breakwater.cli;

import dev.breakwater.app.DataDirectoryLock;
import dev.breakwater.app.OfflineCache;
import dev.breakwater.app.StartupException;
import dev.breakwater.config.Config;
import dev.breakwater.config.ListenAddress;
import dev.breakwater.config.Secret;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The data directory that a command is about.
 *
 * @param config names it, and the admin listener of the server that may be using it
 * @param adminGiven that listener, if the operator has named it; otherwise the server's own note in
 *     the directory counts, which is right whatever the server was configured with
 */
record DataDirectory(Config config, Optional<ListenAddress> adminGiven) {
  /** Asks for an answer of which there is more than one way to get it. */
  interface Question<T, A> {
    A ask(T one) throws StartupException, InterruptedException;
  }

  Path path() {
    return config.data().directory();
  }

  private ListenAddress admin() {
    return adminGiven
        .or(() -> DataDirectoryLock.adminAddress(path()))
        .orElse(config.admin().address());
  }

  /** The server's own note counts here as well; it is there only if a token is needed. */
  private Optional<String> token() {
    return DataDirectoryLock.adminToken(path())
        .or(() -> config.admin().token().map(Secret::reveal));
  }

  /** What the directory answers if no server uses it, else what that server answers. Blocks. */
  <A> A ask(Question<OfflineCache, A> unused, Question<AdminClient, A> used)
      throws StartupException, InterruptedException {
    Optional<DataDirectoryLock> lock = DataDirectoryLock.tryAcquire(path());
    if (lock.isEmpty()) {
      try (AdminClient server = new AdminClient(admin(), token())) {
        return used.ask(server);
      }
    }
    try (DataDirectoryLock _ = lock.get();
        OfflineCache cache = OfflineCache.open(config)) {
      return unused.ask(cache);
    }
  }
}
