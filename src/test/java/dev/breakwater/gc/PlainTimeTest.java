package dev.breakwater.gc;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PlainTimeTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S, 0 s",
    "PT45.9S, 45 s",
    "PT1M59S, 119 s",
    "PT2M, 2 min",
    "PT119M, 119 min",
    "PT2H, 2 h",
    "PT24H, 24 h",
    "P2D, 2 d",
    "P30D, 30 d"
  })
  void timeIsWrittenInTheLargestUnitThatItHasTwoOf(Duration time, String text) {
    assertThat(PlainTime.of(time)).isEqualTo(text);
  }

  @Test
  void timeThatHasJustPassedIsNotANumber() {
    assertThat(PlainTime.ago(Duration.ofMillis(999))).isEqualTo("just now");
    assertThat(PlainTime.ago(Duration.ofSeconds(-5))).isEqualTo("just now");
    assertThat(PlainTime.ago(Duration.ofSeconds(1))).isEqualTo("1 s ago");
    assertThat(PlainTime.ago(Duration.ofDays(3))).isEqualTo("3 d ago");
  }
}
