package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RequestRateTest {
  private static Optional<RequestRate> rate(String text) {
    return Loading.file("upstreams: {docker.io: {requestRate: " + text + "}}")
        .config()
        .upstreams()
        .get(ZoneName.DOCKER_HUB)
        .requests()
        .rate();
  }

  @Test
  void ratesAreReadAndOffIsNone() {
    assertThat(rate("20/s")).contains(new RequestRate(20, Duration.ofSeconds(1)));
    assertThat(rate("300/m")).contains(new RequestRate(300, Duration.ofMinutes(1)));
    assertThat(rate("10000/h")).contains(new RequestRate(10_000, Duration.ofHours(1)));
    assertThat(rate("off")).isEmpty();
    assertThat(Loading.file("{}").config().upstreams().get(ZoneName.DOCKER_HUB).requests().rate())
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"20", "0/s", "-1/s", "1.5/s", "20/d", "10001/s", "20 /s", "never"})
  void otherTextIsRefusedWithTheRemedy(String text) {
    assertThat(Loading.errorOfFile("upstreams: {docker.io: {requestRate: " + text + "}}"))
        .isEqualTo(
            "test.yaml line 1: upstreams.docker.io.requestRate: \""
                + text
                + "\" is not a rate of requests; write off, or a number up to 10000 for each"
                + " second, minute or hour, for example 20/s, 300/m or 5000/h");
  }
}
