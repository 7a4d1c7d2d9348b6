package dev.breakwater.index;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import org.junit.jupiter.api.Test;

class RecentUseTest {
  private final RecentUse recent = new RecentUse();
  private final Digest blob = Digest.ofSha256(new byte[] {1});

  @Test
  void theTimeOfTheLastUseIsKeptToTheSecond() {
    recent.blob(blob, 10_000);
    recent.blob(blob, 10_999);
    assertThat(recent.take().blobs()).containsEntry(blob, 10_000L);
    recent.blob(blob, 10_000);
    recent.blob(blob, 11_000);
    recent.blob(blob, 60_000);
    assertThat(recent.take().blobs()).containsEntry(blob, 60_000L);
  }

  @Test
  void whatIsTakenIsRecentUntilItIsWritten() {
    recent.blob(blob, 1);
    recent.take();
    assertThat(recent.isRecent(blob)).isTrue();
    recent.written();
    assertThat(recent.isRecent(blob)).isFalse();
  }
}
