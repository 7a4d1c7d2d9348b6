package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.mirror.download.State.Closing;
import dev.breakwater.mirror.download.State.Committing;
import dev.breakwater.mirror.download.State.Ended;
import dev.breakwater.mirror.download.State.Fetching;
import dev.breakwater.mirror.download.State.Publishing;
import dev.breakwater.mirror.download.State.Releasing;
import dev.breakwater.mirror.download.State.Streamed;
import dev.breakwater.mirror.download.State.Streaming;
import dev.breakwater.oci.Digest;
import dev.breakwater.upstream.UpstreamException;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

/** The transition table of a download, and what holds in any order of events. */
@SuppressWarnings("StaticAssignmentOfThrowable") // They are compared and never thrown.
class StateTest {
  private static final DiskFailureException FULL =
      new DiskFailureException(Digest.ofSha256(new byte[0]), "full");
  private static final UpstreamException CAUSE =
      new UpstreamException(UpstreamOutcome.CONNECT, "scripted", null);

  /** One of each kind. */
  private static final List<Event> EVENTS =
      List.of(
          new Event.Answered(10),
          new Event.Arrived(0, Buffer.buffer()),
          new Event.Resumed(),
          new Event.Received(10),
          new Event.UpstreamFailed(CAUSE),
          new Event.Progressed(),
          new Event.DiskRefused(FULL),
          new Event.DiskFailed(FULL),
          new Event.Proven(),
          new Event.Mismatched(CAUSE),
          new Event.RetryDue(),
          new Event.Committed(),
          new Event.Published(),
          new Event.NotPublished(CAUSE),
          new Event.Awaited(),
          new Event.Unread(),
          new Event.Abandoned(CAUSE),
          new Event.Stopped(CAUSE),
          new Event.FileClosed());

  private static final Fetching FETCHING = new Fetching(1);
  private static final Fetching LAST = new Fetching(State.ATTEMPTS);
  private static final Streaming STREAMING = new Streaming(1, FULL);
  private static final Streaming LAST_STREAMING = new Streaming(State.ATTEMPTS, FULL);
  private static final Closing DISCARDING = new Closing(CAUSE, false);
  private static final Closing KEEPING = new Closing(CAUSE, true);
  private static final Closing UNCACHED = new Closing(FULL, false);

  /** Every change there is; what is not here leaves the state as it is. */
  private static final Map<State, Map<Class<? extends Event>, State>> CHANGES =
      Map.ofEntries(
          Map.entry(
              FETCHING,
              Map.of(
                  Event.Proven.class, new Committing(),
                  Event.DiskRefused.class, STREAMING,
                  Event.Mismatched.class, new Fetching(2),
                  Event.UpstreamFailed.class, KEEPING,
                  Event.DiskFailed.class, UNCACHED,
                  Event.Abandoned.class, KEEPING,
                  Event.Stopped.class, KEEPING)),
          Map.entry(
              LAST,
              Map.of(
                  Event.Proven.class, new Committing(),
                  Event.DiskRefused.class, LAST_STREAMING,
                  Event.Mismatched.class, DISCARDING,
                  Event.UpstreamFailed.class, KEEPING,
                  Event.DiskFailed.class, UNCACHED,
                  Event.Abandoned.class, KEEPING,
                  Event.Stopped.class, KEEPING)),
          Map.entry(
              STREAMING,
              Map.of(
                  Event.Proven.class, new Streamed(FULL),
                  Event.Mismatched.class, new Streaming(2, FULL),
                  Event.UpstreamFailed.class, DISCARDING,
                  Event.DiskFailed.class, UNCACHED,
                  Event.Abandoned.class, DISCARDING,
                  Event.Stopped.class, DISCARDING)),
          Map.entry(
              LAST_STREAMING,
              Map.of(
                  Event.Proven.class, new Streamed(FULL),
                  Event.Mismatched.class, DISCARDING,
                  Event.UpstreamFailed.class, DISCARDING,
                  Event.DiskFailed.class, UNCACHED,
                  Event.Abandoned.class, DISCARDING,
                  Event.Stopped.class, DISCARDING)),
          Map.entry(
              new Committing(),
              Map.of(
                  Event.Committed.class, new Publishing(),
                  Event.DiskRefused.class, new Streamed(FULL),
                  Event.DiskFailed.class, new Streamed(FULL))),
          Map.entry(
              new Publishing(),
              Map.of(
                  Event.Published.class, new Releasing(Optional.empty()),
                  Event.NotPublished.class, new Releasing(Optional.of(CAUSE)))),
          Map.entry(new Streamed(FULL), Map.of(Event.Abandoned.class, UNCACHED)),
          Map.entry(
              new Releasing(Optional.empty()),
              Map.of(Event.FileClosed.class, new Ended(Optional.empty()))),
          Map.entry(
              new Releasing(Optional.of(CAUSE)),
              Map.of(Event.FileClosed.class, new Ended(Optional.of(CAUSE)))),
          Map.entry(KEEPING, Map.of(Event.FileClosed.class, new Ended(Optional.of(CAUSE)))),
          Map.entry(UNCACHED, Map.of(Event.FileClosed.class, new Ended(Optional.of(FULL)))),
          Map.entry(new Ended(Optional.empty()), Map.of()));

  @Test
  void everyStateTakesEveryEvent() {
    CHANGES.forEach(
        (state, changes) -> {
          for (Event event : EVENTS) {
            assertThat(state.after(event))
                .as("%s after %s", state, event)
                .isEqualTo(changes.getOrDefault(event.getClass(), state));
          }
        });
  }

  @Test
  void theTableHasEveryStateAndEveryEvent() {
    Set<Class<?>> states = new HashSet<>();
    CHANGES.keySet().forEach(state -> states.add(state.getClass()));
    assertThat(states).containsExactlyInAnyOrder(State.class.getPermittedSubclasses());
    List<Class<?>> events = new ArrayList<>();
    EVENTS.forEach(event -> events.add(event.getClass()));
    assertThat(events).containsExactlyInAnyOrder(Event.class.getPermittedSubclasses());
  }

  @Provide
  Arbitrary<List<Event>> orders() {
    return Arbitraries.of(EVENTS).list().ofMaxSize(60);
  }

  /** What has happened to a download, counted apart from the states. */
  private static final class Model {
    private boolean proven;
    private boolean committed;
    private boolean refused;
    private int mismatches;

    void saw(State before, Event event) {
      proven |= before.isReceiving() && event instanceof Event.Proven;
      committed |= before instanceof Committing && event instanceof Event.Committed;
      refused |=
          (before.isReceiving() || before instanceof Committing)
              && (event instanceof Event.DiskRefused || event instanceof Event.DiskFailed);
      mismatches += before.isReceiving() && event instanceof Event.Mismatched ? 1 : 0;
    }
  }

  @Property(tries = 2000)
  void inAnyOrderOfEventsTheInvariantsHold(@ForAll("orders") List<Event> events) {
    Model model = new Model();
    State state = new Fetching(1);
    for (Event event : events) {
      State next = state.after(event);
      model.saw(state, event);
      assertStep(state, event, next);
      assertHolds(model, next);
      state = next;
    }
  }

  private static void assertStep(State before, Event event, State next) {
    assertThat(next.isOver())
        .as("what is over stays over")
        .isEqualTo(before.isOver() || next.isOver());
    if (before.isUncached()) {
      assertThat(next.isUncached() || next instanceof Closing).as("uncached for good").isTrue();
    }
    if (next instanceof Ended && !(before instanceof Ended)) {
      assertThat(event).isInstanceOf(Event.FileClosed.class);
      assertThat(before).isInstanceOfAny(Closing.class, Releasing.class);
    }
  }

  private static void assertHolds(Model model, State state) {
    boolean stored = state instanceof Publishing || state instanceof Releasing;
    if (stored) {
      assertThat(model.proven && model.committed && !model.refused).isTrue();
    }
    if (state instanceof Committing || state instanceof Streamed) {
      assertThat(model.proven).isTrue();
    }
    if (state instanceof Ended ended && ended.failure().isEmpty()) {
      assertThat(model.proven && model.committed).isTrue();
    }
    assertThat(model.mismatches).isLessThanOrEqualTo(State.ATTEMPTS);
    if (state.isReceiving()) {
      assertThat(model.mismatches).isLessThan(State.ATTEMPTS);
    }
  }

  /** From every state that events can lead to there is a way to the end. */
  @Property(tries = 500)
  void everyDownloadCanEnd(@ForAll("orders") List<Event> events) {
    State state = new Fetching(1);
    for (Event event : events) {
      state = state.after(event);
    }
    List<Event> rest =
        List.of(
            new Event.Proven(),
            new Event.Committed(),
            new Event.Published(),
            new Event.Abandoned(CAUSE),
            new Event.FileClosed());
    for (Event event : rest) {
      state = state.after(event);
    }
    assertThat(state).isInstanceOf(Ended.class);
  }
}
