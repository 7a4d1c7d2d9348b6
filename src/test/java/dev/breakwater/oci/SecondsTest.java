package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SecondsTest {
  @ParameterizedTest
  @CsvSource({
    "PT0S,0",
    "PT-5S,0",
    "PT0.000000001S,1",
    "PT59.999S,60",
    "PT60S,60",
    "PT215.001S,216"
  })
  void aTimeToWaitIsRoundedUp(Duration time, long seconds) {
    assertThat(Seconds.roundedUp(time)).isEqualTo(seconds);
  }
}
