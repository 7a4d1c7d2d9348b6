package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.http.ConnectionTable.Entry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConnectionTableTest {
  private final ConnectionTable table = new ConnectionTable(TestServer.connectionLimits(6, 4));
  private final List<Seat> closed = new ArrayList<>();
  private long clock = System.nanoTime() - 1_000_000_000L;

  /** A connection that closes as soon as it is told to. */
  private final class Seat implements ConnectionTable.Place {
    private final String client;
    private final long since = clock++;
    private boolean busy;

    Seat(String client) {
      this.client = client;
    }

    @Override
    public boolean isIdle() {
      return !busy;
    }

    @Override
    public long idleSinceNanos() {
      return since;
    }

    @Override
    public boolean giveUp(boolean evenIfBusy) {
      closed.add(this);
      table.leave(client, this);
      return true;
    }

    @Override
    public void cut() {
      giveUp(true);
    }
  }

  private Entry enter(String client) {
    Seat seat = new Seat(client);
    return table.enter(client, seat);
  }

  private Seat busy(String client) {
    Seat seat = new Seat(client);
    seat.busy = true;
    assertThat(table.enter(client, seat)).isNotEqualTo(Entry.REFUSED);
    return seat;
  }

  @Test
  void aClientBeyondItsLimitClosesItsOwnOldestIdleConnection() {
    Seat other = new Seat("b");
    table.enter("b", other);
    Seat first = busy("a");
    Seat second = new Seat("a");
    table.enter("a", second);
    enter("a");
    enter("a");
    assertThat(enter("a")).isEqualTo(Entry.IN_PLACE_OF_ANOTHER);
    assertThat(closed).containsExactly(second).doesNotContain(first, other);
    assertThat(table.open()).isEqualTo(5);
  }

  @Test
  void aNewClientTakesAPlaceOfTheClientThatHasMost() {
    enter("b");
    Seat oldest = new Seat("a");
    table.enter("a", oldest);
    for (int i = 0; i < 3; i++) {
      enter("a");
    }
    enter("b");
    assertThat(enter("c")).isEqualTo(Entry.IN_PLACE_OF_ANOTHER);
    assertThat(closed).containsExactly(oldest);
  }

  @Test
  void aNewClientEndsTheLongestAnswerOfTheClientThatHasMost() {
    Seat longest = busy("a");
    for (int i = 0; i < 3; i++) {
      busy("a");
    }
    busy("b");
    busy("b");
    assertThat(enter("c")).isEqualTo(Entry.IN_PLACE_OF_ANOTHER);
    assertThat(closed).containsExactly(longest);
  }

  @Test
  void aClientThatHasMostGetsNoPlaceOfOthers() {
    for (int i = 0; i < 3; i++) {
      busy("a");
      busy("b");
    }
    assertThat(enter("a")).isEqualTo(Entry.REFUSED);
    assertThat(closed).isEmpty();
  }
}
