package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FillGateTest {
  private final FillGate gate = new FillGate(1);
  private final List<String> events = new ArrayList<>();

  private FillGate.Entrant entrant(String name) {
    return new FillGate.Entrant() {
      @Override
      public void begin() {
        events.add(name + " begins");
      }

      @Override
      public void refuse(String why) {
        events.add(name + " refused: " + why);
      }
    };
  }

  @Test
  void whoeverComesFirstBeginsFirst() {
    gate.enter(entrant("a"));
    gate.enter(entrant("b"));
    gate.enter(entrant("c"));
    assertThat(events).containsExactly("a begins");
    assertThat(gate.waiting()).isEqualTo(2);
    gate.leave();
    gate.leave();
    assertThat(events).containsExactly("a begins", "b begins", "c begins");
    assertThat(gate.waiting()).isZero();
  }

  @Test
  void whoeverGivesUpIsPassedOver() {
    gate.enter(entrant("a"));
    FillGate.Entrant impatient = entrant("b");
    gate.enter(impatient);
    gate.enter(entrant("c"));
    gate.giveUp(impatient);
    assertThat(events).hasSize(2).last().asString().startsWith("b refused: 1 downloads");
    gate.leave();
    assertThat(events).last().isEqualTo("c begins");
  }

  @Test
  void whoeverHasBegunCannotGiveUp() {
    FillGate.Entrant inside = entrant("a");
    gate.enter(inside);
    gate.giveUp(inside);
    assertThat(events).containsExactly("a begins");
  }

  @Test
  void whoeverGaveUpLeavesNoPlaceBehind() {
    gate.enter(entrant("a"));
    FillGate.Entrant impatient = entrant("b");
    gate.enter(impatient);
    gate.giveUp(impatient);
    gate.enter(entrant("c"));
    assertThat(events).doesNotContain("c begins");
    gate.leave();
    gate.enter(entrant("d"));
    assertThat(events).last().isEqualTo("c begins");
  }

  @Test
  void nobodyBeginsAfterTheGateHasClosed() {
    gate.enter(entrant("a"));
    gate.enter(entrant("b"));
    gate.close();
    gate.enter(entrant("c"));
    gate.leave();
    assertThat(events)
        .containsExactly("a begins", "b refused: the server stops", "c refused: the server stops");
  }
}
