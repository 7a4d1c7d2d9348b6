package dev.breakwater.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.metrics.Metrics;
import dev.breakwater.oci.ZoneName;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What operators are told of accounts. */
class QuotaGovernorTest {
  @Test
  void nothingIsToldOfAnAccountThatTheRegistryHasSaidNothingOf() {
    assertThat(QuotaGovernor.ofMirror(ZoneName.DOCKER_HUB, () -> 0).report())
        .containsExactly(
            new AccountInfo("anonymous", null, null, null, null, null, 0, List.of(), false));
  }

  @Test
  void anAccountWithoutPullsLeftAndWithRefusedCredentialsIsToldAsSuch() {
    try (Metrics metrics = new Metrics("test", List.of("docker.io"))) {
      QuotaGovernor governor =
          QuotaGovernor.of(
              ZoneName.DOCKER_HUB,
              List.of(CredentialSource.of(new Credentials("me", "secret"))),
              metrics,
              () -> 0);
      Quota quota = governor.any().quota();
      quota.read(RateLimit.parse("100;w=21600"), RateLimit.parse("0;w=21600"), "192.0.2.1");
      quota.refused();
      assertThat(governor.report())
          .containsExactly(
              new AccountInfo("me", 100L, 0L, 21_600L, "192.0.2.1", 0L, 216, List.of(), true),
              new AccountInfo("anonymous", null, null, null, null, null, 0, List.of(), false));
    }
  }
}
