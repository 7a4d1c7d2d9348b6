package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sizes, shares, times and addresses. */
class ValuesTest {
  @ParameterizedTest
  @CsvSource({
    "0B, 0",
    "512B, 512",
    "64KiB, 65536",
    "50GiB, 53687091200",
    "1.5GiB, 1610612736",
    "2TiB, 2199023255552",
    "1KB, 1000",
    "20MB, 20000000",
    "3GB, 3000000000",
    "0.5TB, 500000000000",
  })
  void sizesHaveTheirUnit(String text, long bytes) {
    assertThat(ByteSize.parse(text).bytes()).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "50", "GiB", "50 GiB", "-1GiB", "50gib", "50Gi", "1e3GiB", ".5GiB", "٣GiB"})
  void whatIsNoSizeIsRefused(String text) {
    assertThatThrownBy(() -> ByteSize.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("is not a size");
  }

  @Test
  void sizeBeyondAllDisksIsRefused() {
    assertThatThrownBy(() -> ByteSize.parse("999999999999TiB")).hasMessageContaining("too large");
  }

  @Property
  void sizeIsReadAsItIsWritten(@ForAll @LongRange(min = 0, max = Long.MAX_VALUE / 2) long bytes) {
    ByteSize size = new ByteSize(bytes);
    assertThat(ByteSize.parse(size.toString())).isEqualTo(size);
  }

  @Property
  void shareNeverExceedsTheVolume(
      @ForAll @IntRange(max = 100) int percent, @ForAll @LongRange(min = 0) long volume) {
    assertThat(new DiskLimit.Share(percent).bytesOf(volume)).isBetween(0L, volume);
  }

  @Test
  void limitIsAShareOrAnAmount() {
    assertThat(DiskLimit.parse("80%").bytesOf(1000)).isEqualTo(800);
    assertThat(DiskLimit.parse("1KB").bytesOf(7)).isEqualTo(1000);
    assertThat(DiskLimit.parse("0%").isZero()).isTrue();
    assertThat(DiskLimit.parse("0B").isZero()).isTrue();
    assertThat(DiskLimit.parse("1B").isZero()).isFalse();
  }

  @ParameterizedTest
  @CsvSource({"500ms, PT0.5S", "60s, PT1M", "5m, PT5M", "1h, PT1H", "30d, PT720H", "0s, PT0S"})
  void timesHaveTheirUnit(String text, Duration duration) {
    assertThat(DurationText.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "60", "s", "-1s", "1h30m", "1.5s", "60 s", "9999999999s", "1w"})
  void whatIsNoTimeIsRefused(String text) {
    assertThatThrownBy(() -> DurationText.parse(text)).hasMessageContaining("is not a time");
  }

  @ParameterizedTest
  @CsvSource({
    "0.0.0.0:5000, 0.0.0.0, 5000",
    ":5000, 0.0.0.0, 5000",
    "localhost:0, localhost, 0",
    "[::1]:5000, ::1, 5000",
    "my-host.example:65535, my-host.example, 65535",
  })
  void addressesAreHostAndPort(String text, String host, int port) {
    assertThat(ListenAddress.parse(text)).isEqualTo(new ListenAddress(host, port));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "5000", "host", "host:", "::1:5000", "http://x:1", "a b:1", "x:65536", "x:-1"})
  void whatIsNoAddressIsRefused(String text) {
    assertThatThrownBy(() -> ListenAddress.parse(text))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void addressIsWrittenAsItIsRead() {
    assertThat(ListenAddress.parse("[::1]:5000")).hasToString("[::1]:5000");
    assertThat(ListenAddress.parse(":5000")).hasToString("0.0.0.0:5000");
  }

  @ParameterizedTest
  @CsvSource({"127.0.0.1:1, true", "127.8.0.1:1, true", "localhost:1, true", "0.0.0.0:1, false"})
  void loopbackIsKnown(String text, boolean loopback) {
    assertThat(ListenAddress.parse(text).isLoopback()).isEqualTo(loopback);
  }

  @ParameterizedTest
  @CsvSource({
    "a:1, a:1, true",
    "a:1, a:2, false",
    "a:1, b:1, false",
    "0.0.0.0:1, b:1, true",
    "a:1, [::]:1, true",
    "a:0, a:0, false",
  })
  void addressesCollideOnTheSamePort(String one, String other, boolean collide) {
    assertThat(ListenAddress.parse(one).collidesWith(ListenAddress.parse(other)))
        .isEqualTo(collide);
  }

  @Test
  void ratesAreSizesASecondOrOff() {
    assertThat(ByteRate.parse("10MiB/s")).hasToString("10MiB/s");
    assertThat(ByteRate.parse("10MiB/s").bytesPerSecond()).isEqualTo(10 << 20);
    assertThat(ByteRate.parse("off")).hasToString("off");
    for (String wrong : List.of("", "10MiB", "fast", "0B/s", "10/s", "-1MiB/s", "10MiB/h")) {
      assertThatThrownBy(() -> ByteRate.parse(wrong))
          .hasMessageContaining("is not a rate; write for example 10MiB/s, or off");
    }
  }
}
