package dev.breakwater.upstream;

import com.google.errorprone.annotations.concurrent.GuardedBy;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A login that is fetched again from time to time, off the event loops. Thread-safe. Closed by its
 * owner.
 */
final class RenewedCredentials implements CredentialSource {
  /*
   * The first call waits for the login, and so does one after the registry has refused it. All
   * others get what is here at once; when that is older than maxAge, one of them has it fetched
   * beside. While fetching fails, the login that is here is used on, and fetching is tried again
   * after RETRY.
   *
   * A refused login is fetched anew at once, unless it is another one than it was a moment ago: then
   * it is simply wrong, and a helper that makes a new one each time is not run for each request. If
   * fetching brings the same again, that fails, once: the account is suspended, and the registry is
   * asked with it again then. A failure is not repeated before RETRY either. Fetching that began
   * before the refusal does not count as the answer to it.
   */
  private static final Logger LOG = LoggerFactory.getLogger(RenewedCredentials.class);

  /** How many logins are fetched at a time, for all registries of a Vert.x. */
  private static final int THREADS = 4;

  /** For how long a login must have been the same for a refusal to mean that it has expired. */
  private static final Duration NEW = Duration.ofSeconds(30);

  private static final Duration RETRY = Duration.ofSeconds(30);
  private static final String FLIGHT = "";

  /**
   * What was fetched.
   *
   * @param login empty for anonymous
   * @param changed when it was another one before
   * @param since when it was fetched last
   */
  private record Fetched(Optional<Credentials> login, long changed, long since) {}

  private final String zone;
  private final String name;
  private final CredentialLoader loader;
  private final Duration maxAge;
  private final LongSupplier clock;
  private final WorkerExecutor workers;
  private final SingleFlight<String, Optional<Credentials>> flights;

  @GuardedBy("this")
  private @Nullable Fetched current;

  /** The login of {@code current}, if the registry refused it. */
  @GuardedBy("this")
  private @Nullable Credentials refused;

  @GuardedBy("this")
  private long failedAt;

  /** Why fetching failed the last time; null if it did not. */
  @GuardedBy("this")
  private @Nullable CredentialException failure;

  /**
   * Nothing is fetched yet.
   *
   * @param zone the registry, for the log
   * @param name what the account is called
   * @param maxAge after what time the login is fetched again
   * @param clock monotonic nanoseconds
   */
  RenewedCredentials(
      Vertx vertx,
      String zone,
      String name,
      CredentialLoader loader,
      Duration maxAge,
      LongSupplier clock) {
    this.zone = zone;
    this.name = name;
    this.loader = loader;
    this.maxAge = maxAge;
    this.clock = clock;
    this.workers = vertx.createSharedWorkerExecutor("credentials", THREADS);
    this.flights = new SingleFlight<>(vertx, () -> {});
  }

  /** Gives this login until it is time to fetch it again, as if it had been the same for long. */
  synchronized void startWith(Credentials login) {
    long now = clock.getAsLong();
    current = new Fetched(Optional.of(login), now - NEW.toNanos(), now);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public Future<Optional<Credentials>> get() {
    Fetched known;
    CredentialException recent;
    boolean due;
    synchronized (this) {
      known = refused == null ? current : null;
      recent = isOver(failedAt, RETRY) ? null : failure;
      due = isDue();
    }
    if (known == null) {
      return recent == null ? fetch() : Future.failedFuture(recent);
    }
    if (due) {
      // Its failure is logged, and no caller waits for it.
      fetch().onFailure(failure -> {});
    }
    return Future.succeededFuture(known.login);
  }

  @GuardedBy("this")
  private boolean isDue() {
    Fetched known = current;
    return known == null
        || (isOver(known.since, maxAge) && (failure == null || isOver(failedAt, RETRY)));
  }

  private boolean isOver(long since, Duration time) {
    return clock.getAsLong() - since >= time.toNanos();
  }

  private Future<Optional<Credentials>> fetch() {
    return flights.join(FLIGHT, () -> workers.executeBlocking(this::load, false), login -> login);
  }

  private Optional<Credentials> load() throws CredentialException {
    Credentials unwanted;
    synchronized (this) {
      unwanted = refused;
    }
    try {
      Optional<Credentials> login = loader.load(unwanted != null);
      fetched(login, unwanted);
      if (unwanted == null || !login.equals(Optional.of(unwanted))) {
        return login;
      }
    } catch (CredentialException e) {
      failed(e, unwanted != null);
      throw e;
    }
    notChanged();
    throw CredentialException.refused();
  }

  /**
   * A login has come.
   *
   * @param unwanted the refused login that it was to replace
   */
  private synchronized void fetched(Optional<Credentials> login, @Nullable Credentials unwanted) {
    if (failure != null) {
      LOG.info("[{}] the login of {} can be fetched again", zone, name);
    }
    failure = null;
    if (unwanted != null || !login.equals(Optional.ofNullable(refused))) {
      refused = null;
    }
    long now = clock.getAsLong();
    Fetched former = current;
    if (login.isEmpty() && former != null && former.login.isPresent()) {
      LOG.warn("[{}] there is no login of {} any more: requests are anonymous", zone, name);
    }
    long changed = former != null && former.login.equals(login) ? former.changed : now;
    current = new Fetched(login, changed, now);
  }

  /** As if it had come only now: it is not fetched again for the next refusal. */
  private synchronized void notChanged() {
    Fetched known = current;
    if (known != null) {
      current = new Fetched(known.login, clock.getAsLong(), known.since);
    }
  }

  private synchronized void failed(CredentialException why, boolean needed) {
    Fetched known = current;
    boolean news =
        !needed && (failure == null || !Objects.equals(failure.getMessage(), why.getMessage()));
    failure = why;
    failedAt = clock.getAsLong();
    if (news && known != null) {
      LOG.warn(
          "[{}] the login of {} cannot be renewed, the one of {} s ago is used on: {}",
          zone,
          name,
          Duration.ofNanos(failedAt - known.since).toSeconds(),
          why.getMessage());
    }
  }

  @Override
  public synchronized boolean refused(Credentials used) {
    Fetched known = current;
    if (known == null || !known.login.equals(Optional.of(used))) {
      return true;
    }
    if (refused == null && isOver(known.changed, NEW)) {
      refused = used;
    }
    return refused != null;
  }

  @Override
  public synchronized boolean isOutdated(Credentials used) {
    Fetched known = current;
    return refused != null || known == null || !known.login.equals(Optional.of(used));
  }

  @Override
  public void close() {
    workers.close();
  }
}
