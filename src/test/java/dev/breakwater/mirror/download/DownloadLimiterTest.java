package dev.breakwater.mirror.download;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DownloadLimiterTest {
  private final DownloadLimiter gate = new DownloadLimiter(1);
  private final List<String> events = new ArrayList<>();
  private final Deque<DownloadLimiter.Entrant> inside = new ArrayDeque<>();
  private final Set<String> unread = new HashSet<>();

  private DownloadLimiter.Entrant entrant(String name) {
    return entrant(name, "docker.io", true);
  }

  private DownloadLimiter.Entrant entrant(String name, String zone, boolean forClient) {
    return new DownloadLimiter.Entrant() {
      @Override
      public ZoneName zone() {
        return new ZoneName(zone);
      }

      @Override
      public boolean isForClient() {
        return forClient;
      }

      @Override
      public boolean giveWay() {
        if (unread.remove(name)) {
          events.add(name + " gives way");
          return true;
        }
        return false;
      }

      @Override
      public void begin() {
        events.add(name + " begins");
        inside.add(this);
      }

      @Override
      public void refuse(String why) {
        events.add(name + " refused: " + why);
      }
    };
  }

  /** The one that began first is over. */
  private void leave() {
    gate.leave(inside.remove());
  }

  @Test
  void oneUpstreamLeavesPlacesToTheOthers() {
    DownloadLimiter wide = new DownloadLimiter(32);
    for (int i = 0; i < 40; i++) {
      wide.enter(entrant("slow " + i, "slow.example", true));
    }
    assertThat(events).hasSize(24);
    for (int i = 0; i < 40; i++) {
      wide.enter(entrant("slow too " + i, "slow-too.example", true));
    }
    assertThat(events).as("all places").hasSize(32);
    wide.enter(entrant("fast", "fast.example", true));
    assertThat(events).last().isEqualTo("fast begins");
  }

  @Test
  void whatAClientWaitsForBeginsBeforeWhatNoClientWaitsFor() {
    gate.enter(entrant("a"));
    DownloadLimiter.Entrant prefetch = entrant("prefetch", "docker.io", false);
    gate.enter(prefetch);
    gate.enter(entrant("b"));
    gate.enter(entrant("c"));
    leave();
    assertThat(events).containsExactly("a begins", "b begins");
    gate.clientWaits(prefetch);
    leave();
    leave();
    assertThat(events).containsExactly("a begins", "b begins", "c begins", "prefetch begins");
  }

  @Test
  void whatNoClientReadsGivesItsPlaceToAClientsDownload() {
    gate.enter(entrant("a"));
    unread.add("a");
    gate.enter(entrant("prefetch", "docker.io", false));
    assertThat(events).containsExactly("a begins");
    gate.enter(entrant("b"));
    assertThat(events).containsExactly("a begins", "a gives way");
    assertThat(gate.isAwaited(new ZoneName("docker.io"))).isTrue();
    leave();
    assertThat(events).last().isEqualTo("b begins");
    assertThat(gate.isAwaited(new ZoneName("docker.io"))).isFalse();
  }

  @Test
  void theFirstToComeBeginsFirst() {
    gate.enter(entrant("a"));
    gate.enter(entrant("b"));
    gate.enter(entrant("c"));
    assertThat(events).containsExactly("a begins");
    assertThat(gate.waiting()).isEqualTo(2);
    leave();
    leave();
    assertThat(events).containsExactly("a begins", "b begins", "c begins");
    assertThat(gate.waiting()).isZero();
  }

  @Test
  void aDownloadThatGivesUpIsPassedOver() {
    gate.enter(entrant("a"));
    DownloadLimiter.Entrant impatient = entrant("b");
    gate.enter(impatient);
    gate.enter(entrant("c"));
    gate.giveUp(impatient);
    assertThat(events).hasSize(2).last().asString().startsWith("b refused: 1 downloads");
    leave();
    assertThat(events).last().isEqualTo("c begins");
  }

  @Test
  void aDownloadThatHasBegunCannotGiveUp() {
    DownloadLimiter.Entrant inside = entrant("a");
    gate.enter(inside);
    gate.giveUp(inside);
    assertThat(events).containsExactly("a begins");
  }

  @Test
  void aDownloadThatGaveUpLeavesNoPlaceBehind() {
    gate.enter(entrant("a"));
    DownloadLimiter.Entrant impatient = entrant("b");
    gate.enter(impatient);
    gate.giveUp(impatient);
    gate.enter(entrant("c"));
    assertThat(events).doesNotContain("c begins");
    leave();
    gate.enter(entrant("d"));
    assertThat(events).last().isEqualTo("c begins");
  }

  @Test
  void noDownloadBeginsAfterTheLimiterHasClosed() {
    gate.enter(entrant("a"));
    gate.enter(entrant("b"));
    gate.close();
    gate.enter(entrant("c"));
    leave();
    assertThat(events)
        .containsExactly("a begins", "b refused: the server stops", "c refused: the server stops");
  }
}
