package dev.breakwater.upstream;

import dev.breakwater.oci.Quoted;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** The login that credential helpers have for one registry. Used by one thread at a time. */
final class HelperLogins {
  /** The answer of a helper. */
  private record Known(String helper, Optional<Credentials> login, long since) {}

  private final ServerAddress server;
  private final Map<String, String> environment;
  private final Duration refresh;
  private final LongSupplier clock;
  private @Nullable Known known;

  /**
   * Nothing is known yet.
   *
   * @param environment what helpers get of variables
   * @param refresh after what time a helper is asked again
   * @param clock monotonic nanoseconds
   */
  HelperLogins(
      ServerAddress server, Map<String, String> environment, Duration refresh, LongSupplier clock) {
    this.server = server;
    this.environment = Map.copyOf(environment);
    this.refresh = refresh;
    this.clock = clock;
  }

  /** Fails if there is no such helper. */
  void verify(String helper) throws CredentialException {
    Objects.requireNonNull(helper(helper).file());
  }

  /**
   * What the helper says, or said within the refresh time; empty if it has no login for the
   * registry. Blocks.
   *
   * @param renew whether to ask it in any case
   */
  Optional<Credentials> login(String helper, boolean renew) throws CredentialException {
    Known last = known;
    long now = clock.getAsLong();
    if (!renew
        && last != null
        && last.helper.equals(helper)
        && now - last.since < refresh.toNanos()) {
      return last.login;
    }
    Optional<Credentials> login = helper(helper).get(server, secrets(last));
    known = new Known(helper, login, now);
    return login;
  }

  /** What the helper says now; fails if it has no login for the registry. Blocks. */
  Optional<Credentials> required(String helper) throws CredentialException {
    Optional<Credentials> login = login(helper, true);
    if (login.isEmpty()) {
      throw new CredentialException(
          "the credential helper "
              + helper(helper).program()
              + " has no login for "
              + Quoted.of(server.text())
              + "; log in on this machine, as the user that runs Breakwater");
    }
    return login;
  }

  private static List<String> secrets(@Nullable Known last) {
    return last == null ? List.of() : last.login.stream().map(Credentials::secret).toList();
  }

  private CredentialHelper helper(String name) {
    return new CredentialHelper(name, environment, CredentialHelper.LIMIT);
  }
}
