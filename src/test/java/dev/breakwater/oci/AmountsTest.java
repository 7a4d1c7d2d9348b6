package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountsTest {
  @ParameterizedTest
  @CsvSource({
    "0, 0 bytes",
    "1023, 1023 bytes",
    "1024, 1.0 KiB",
    "56308531, 53.7 MiB",
    "42949672960, 40.0 GiB",
    "9223372036854775807, 8192.0 PiB"
  })
  void bytesHaveTheLargestUnitThatFits(long bytes, String text) {
    assertThat(Amounts.bytes(bytes)).isEqualTo(text);
  }

  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "1.2339999, 1.234",
    "25, 25",
    "100, 100",
    "215.04, 215.04",
    "0.1, 0.1",
    "0.0123456, 0.0123",
    "0.000213499, 0.000213",
    "0.0000000041, 0.0000000041",
    "-1.2339999, -1.234",
    "123456789.98765, 123456789.988"
  })
  void numbersHaveThreeDecimalsOrThreeDigits(double number, String text) {
    assertThat(Amounts.number(number)).isEqualTo(text);
  }

  @Test
  void timesAreSeconds() {
    assertThat(Amounts.seconds(Duration.ofSeconds(25))).isEqualTo("25 s");
    assertThat(Amounts.seconds(Duration.ofNanos(1_233_999_900))).isEqualTo("1.234 s");
    assertThat(Amounts.seconds(Duration.ofMillis(-5))).isEqualTo("-0.005 s");
    assertThat(Amounts.seconds(Duration.ofHours(2))).isEqualTo("7200 s");
  }

  @Test
  void oneIsSingular() {
    assertThat(Amounts.count(1, "transfer")).isEqualTo("1 transfer");
    assertThat(Amounts.count(0, "transfer")).isEqualTo("0 transfers");
  }
}
