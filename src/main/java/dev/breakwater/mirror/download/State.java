package dev.breakwater.mirror.download;

import java.util.Optional;

/** Where a download stands. */
sealed interface State {
  /*
   *   Fetching -- proven --> Committing -- committed --> Publishing -- index --> Releasing --> Ended
   *      |  \                    |                                                               ^
   *      |   `-- no disk --.     +-- no disk --.                                                 |
   *      |                 v                   v                                                 |
   *      |             Streaming -- proven --> Streamed                                          |
   *      |                 |                      |                                              |
   *      +-----------------+----------------------+--------------> Closing -- file closed -------+
   *
   * A wrong digest begins the next attempt (Fetching, Streaming), or ends in Closing after the last.
   * What an event does not change here it does not change at all.
   */

  /** How often a blob is fetched from scratch before a wrong digest counts. */
  int ATTEMPTS = 3;

  /** Bytes come, and are hashed and written. The attempts are counted from 1. */
  record Fetching(int attempt) implements State {}

  /**
   * Bytes come, are hashed, and pass through memory, because the disk has no room or refuses:
   * upstream keeps the pace of the slowest client.
   */
  record Streaming(int attempt, DiskFailureException why) implements State {}

  /** The digest is right; the file is made durable and gets the blob's name. */
  record Committing() implements State {}

  /** The blob is in the store; the index is told. */
  record Publishing() implements State {}

  /** The digest is right and the blob will not be kept; clients read the rest. */
  record Streamed(DiskFailureException why) implements State {}

  /** The blob is in the store, and the part file is being closed. */
  record Releasing(Optional<Throwable> failure) implements State {}

  /** There is no blob, and the part file is being closed; its bytes may be of use later. */
  record Closing(RuntimeException cause, boolean keepsBytes) implements State {}

  /** The part file is closed; why the blob is not in store and index, if it is not. */
  record Ended(Optional<Throwable> failure) implements State {}

  /** Whether bytes are still to come or to be proven. */
  default boolean isReceiving() {
    return this instanceof Fetching || this instanceof Streaming;
  }

  /** Whether clients read what is not kept. */
  default boolean isUncached() {
    return this instanceof Streaming || this instanceof Streamed;
  }

  /** Whether it has come to its end: nothing can be joined any more. */
  default boolean isOver() {
    return this instanceof Releasing || this instanceof Closing || this instanceof Ended;
  }

  /** The state after this event. */
  default State after(Event event) {
    return switch (this) {
      case Fetching now ->
          switch (event) {
            case Event.Proven proven -> new Committing();
            case Event.DiskRefused refused -> new Streaming(now.attempt, refused.cause());
            case Event.Mismatched wrong ->
                now.attempt < ATTEMPTS
                    ? new Fetching(now.attempt + 1)
                    : new Closing(wrong.cause(), false);
            case Event.UpstreamFailed failed -> new Closing(failed.cause(), true);
            case Event.DiskFailed failed -> new Closing(failed.cause(), false);
            case Event.Abandoned abandoned -> new Closing(abandoned.cause(), true);
            case Event.Stopped stopped -> new Closing(stopped.cause(), true);
            default -> this;
          };
      case Streaming now ->
          switch (event) {
            case Event.Proven proven -> new Streamed(now.why);
            case Event.Mismatched wrong ->
                now.attempt < ATTEMPTS
                    ? new Streaming(now.attempt + 1, now.why)
                    : new Closing(wrong.cause(), false);
            case Event.UpstreamFailed failed -> new Closing(failed.cause(), false);
            case Event.DiskFailed failed -> new Closing(failed.cause(), false);
            case Event.Abandoned abandoned -> new Closing(abandoned.cause(), false);
            case Event.Stopped stopped -> new Closing(stopped.cause(), false);
            default -> this;
          };
      case Committing now ->
          switch (event) {
            case Event.Committed committed -> new Publishing();
            case Event.DiskRefused refused -> new Streamed(refused.cause());
            case Event.DiskFailed failed -> new Streamed(failed.cause());
            default -> this;
          };
      case Publishing now ->
          switch (event) {
            case Event.Published published -> new Releasing(Optional.empty());
            case Event.NotPublished failed -> new Releasing(Optional.of(failed.cause()));
            default -> this;
          };
      case Streamed now -> event instanceof Event.Abandoned ? new Closing(now.why, false) : this;
      case Releasing now -> event instanceof Event.FileClosed ? new Ended(now.failure) : this;
      case Closing now ->
          event instanceof Event.FileClosed ? new Ended(Optional.of(now.cause)) : this;
      case Ended now -> this;
    };
  }
}
