package dev.breakwater.upstream;

import java.util.Optional;

/** Fetches a login from outside this process. Called by one thread at a time. */
@FunctionalInterface
interface CredentialLoader {
  /**
   * The login as it is now; empty for none. Blocks, for as long as a credential helper may take.
   *
   * @param renew whether what this loader itself remembers was refused by the registry
   * @throws CredentialException if it cannot be fetched
   */
  Optional<Credentials> load(boolean renew) throws CredentialException;
}
