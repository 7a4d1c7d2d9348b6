package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class RepeatedRequestsTest {
  private static final Digest ONE = Digest.ofSha256(new byte[] {1});
  private static final Digest TWO = Digest.ofSha256(new byte[] {2});

  private long nanos;
  private final RepeatedRequests requests = new RepeatedRequests(() -> nanos);

  @Test
  void repeatedIsWhatTheSameClientGotInFull() {
    assertThat(requests.isRepeated("10.0.0.1", ONE)).isFalse();
    requests.delivered("10.0.0.1", ONE);
    assertThat(requests.isRepeated("10.0.0.1", ONE)).isTrue();
    assertThat(requests.isRepeated("10.0.0.1", TWO)).as("another blob").isFalse();
    assertThat(requests.isRepeated("10.0.0.2", ONE)).as("another client").isFalse();
  }

  @Test
  void deliveryIsForgottenAfterAMinute() {
    requests.delivered("10.0.0.1", ONE);
    nanos += Duration.ofSeconds(59).toNanos();
    assertThat(requests.isRepeated("10.0.0.1", ONE)).isTrue();
    nanos += Duration.ofSeconds(2).toNanos();
    assertThat(requests.isRepeated("10.0.0.1", ONE)).isFalse();
  }
}
