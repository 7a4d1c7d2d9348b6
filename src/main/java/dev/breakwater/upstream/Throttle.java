package dev.breakwater.upstream;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.breakwater.admin.api.UpstreamInfo.ThrottleInfo;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Seconds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * For how long an account should not ask for what was answered with 429 although pulls are left, or
 * although the registry counts none. Owns no timer. Thread-safe.
 */
final class Throttle {
  /*
   * Such a 429 is about the moment: too many requests at once, an overloaded back end, an accident.
   * So it slows down what it was about, one kind of content of one repository, by what Retry-After
   * says or by a second, and by twice as much each time it comes again after that pause, up to a
   * minute. Any other answer for the same thing ends that, but not before the time that Retry-After
   * says: it is the answer to a request that was sent before.
   *
   * Only when SEVERAL such answers come in a row, for whatever repositories and with no other answer
   * for that kind of content between them, the registry means everyone: then the kind as a whole is
   * slowed down in the same way.
   */
  private static final Duration FIRST = Duration.ofSeconds(1);
  private static final Duration LONGEST = Duration.ofMinutes(1);
  private static final int SEVERAL = 8;
  private static final int REPOSITORIES = 10_000;

  private record Subject(ContentKind kind, RepositoryName repository) {}

  /** A pause and how it grew. */
  private static final class Pause {
    private long until;
    private boolean stated;
    private Duration next = Duration.ZERO;

    Pause(long now) {
      until = now;
    }

    void lengthen(long now, @Nullable Duration retryAfter) {
      long statedNanos = retryAfter == null ? 0 : retryAfter.toNanos();
      if (now - until < 0) {
        // Of a request that was sent before the pause began.
        if (stated) {
          return;
        }
        stated = now + statedNanos > until;
        until = Math.max(until, now + statedNanos);
        return;
      }
      if (now - until > LONGEST.toNanos()) {
        next = Duration.ZERO;
      }
      long grown = next.isZero() && retryAfter == null ? FIRST.toNanos() : next.toNanos();
      until = now + Math.max(statedNanos, grown);
      this.stated = statedNanos >= grown;
      next = next.isZero() ? FIRST.multipliedBy(2) : shorter(next.multipliedBy(2), LONGEST);
    }

    private static Duration shorter(Duration one, Duration other) {
      return one.compareTo(other) < 0 ? one : other;
    }

    long left(long now) {
      return Math.max(0, until - now);
    }

    /** Whether the registry said how long, and that is not over. */
    boolean isFixed(long now) {
      return stated && left(now) > 0;
    }
  }

  /** What all repositories together were answered for one kind. */
  private static final class InARow {
    private int refusals;
    private @Nullable Pause pause;
  }

  private final LongSupplier clock;
  private final Map<ContentKind, InARow> kinds = new EnumMap<>(ContentKind.class);
  private final Cache<Subject, Pause> pauses =
      Caffeine.newBuilder().maximumSize(REPOSITORIES).build();

  /** No pauses; {@code clock} is monotonic nanoseconds. */
  Throttle(LongSupplier clock) {
    this.clock = clock;
  }

  /**
   * A 429 came.
   *
   * @return whether that kind of content as a whole is paused from now on
   */
  synchronized boolean limited(
      ContentKind kind, RepositoryName repository, @Nullable Duration retryAfter) {
    long now = clock.getAsLong();
    pauses.get(new Subject(kind, repository), subject -> new Pause(now)).lengthen(now, retryAfter);
    InARow row = kinds.computeIfAbsent(kind, ignored -> new InARow());
    if (++row.refusals < SEVERAL) {
      return false;
    }
    boolean begins = row.pause == null;
    Pause pause = row.pause == null ? new Pause(now) : row.pause;
    row.pause = pause;
    pause.lengthen(now, retryAfter);
    return begins;
  }

  /**
   * Another answer came.
   *
   * @return whether that ends a pause of that kind of content as a whole
   */
  synchronized boolean answered(ContentKind kind, RepositoryName repository) {
    InARow row = kinds.get(kind);
    if (row == null) {
      return false;
    }
    long now = clock.getAsLong();
    Subject subject = new Subject(kind, repository);
    Pause own = pauses.getIfPresent(subject);
    if (own != null && !own.isFixed(now)) {
      pauses.invalidate(subject);
    }
    row.refusals = 0;
    Pause all = row.pause;
    if (all == null || all.isFixed(now)) {
      return false;
    }
    row.pause = null;
    return true;
  }

  /** For how long not to ask for that kind of content of that repository. */
  synchronized Duration pausedFor(ContentKind kind, RepositoryName repository) {
    if (kinds.isEmpty()) {
      return Duration.ZERO;
    }
    Pause pause = pauses.getIfPresent(new Subject(kind, repository));
    Duration ofKind = pausedFor(kind);
    Duration own = pause == null ? Duration.ZERO : Duration.ofNanos(pause.left(clock.getAsLong()));
    return own.compareTo(ofKind) > 0 ? own : ofKind;
  }

  /** What is paused now, the longest pause first, and of those at most so many. */
  synchronized List<ThrottleInfo> paused(int most) {
    long now = clock.getAsLong();
    List<ThrottleInfo> paused = new ArrayList<>();
    kinds.forEach((kind, row) -> add(paused, kind, Optional.empty(), row.pause, now));
    pauses
        .asMap()
        .forEach(
            (subject, pause) ->
                add(paused, subject.kind(), Optional.of(subject.repository()), pause, now));
    paused.sort(Comparator.comparingLong(ThrottleInfo::seconds).reversed());
    return List.copyOf(paused.subList(0, Math.min(most, paused.size())));
  }

  private static void add(
      List<ThrottleInfo> paused,
      ContentKind kind,
      Optional<RepositoryName> repository,
      @Nullable Pause pause,
      long now) {
    if (pause != null && pause.left(now) > 0) {
      paused.add(
          new ThrottleInfo(
              kind.label(),
              repository.map(RepositoryName::value).orElse(null),
              Seconds.roundedUp(Duration.ofNanos(pause.left(now)))));
    }
  }

  /** For how long not to ask for that kind of content at all. */
  synchronized Duration pausedFor(ContentKind kind) {
    InARow row = kinds.get(kind);
    Pause pause = row == null ? null : row.pause;
    return pause == null ? Duration.ZERO : Duration.ofNanos(pause.left(clock.getAsLong()));
  }
}
