package dev.breakwater.admin.api;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.UpstreamInfo.AccountInfo;
import dev.breakwater.admin.api.UpstreamInfo.BreakerInfo;
import dev.breakwater.admin.api.UpstreamInfo.ThrottleInfo;
import io.vertx.core.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class UpstreamInfoTest {
  @Test
  void whatTheRegistryHasNotSaidIsAbsent() {
    UpstreamInfo upstream =
        new UpstreamInfo(
            "docker.io",
            true,
            new BreakerInfo("open", "half-open", "closed", "closed"),
            List.of(
                new AccountInfo("anonymous", null, null, null, null, null, 0, List.of(), false),
                new AccountInfo(
                    "me",
                    100L,
                    7L,
                    21_600L,
                    "192.0.2.1",
                    90L,
                    10,
                    List.of(
                        new ThrottleInfo("blob", "library/nginx", 60),
                        new ThrottleInfo("tags", null, 1)),
                    true)),
            1);
    assertThat(Json.encode(upstream))
        .isEqualTo(
            "{\"name\":\"docker.io\",\"offline\":true,\"breakers\":{\"manifest\":\"open\","
                + "\"blob\":\"half-open\",\"tags\":\"closed\",\"referrers\":\"closed\"},"
                + "\"accounts\":[{\"account\":\"anonymous\",\"pausedSeconds\":0,"
                + "\"suspended\":false},{\"account\":\"me\",\"limit\":100,\"remaining\":7,"
                + "\"windowSeconds\":21600,\"countedFor\":\"192.0.2.1\","
                + "\"exhaustedInSeconds\":90,\"pausedSeconds\":10,"
                + "\"throttled\":[{\"kind\":\"blob\",\"repository\":\"library/nginx\",\"seconds\":60},"
                + "{\"kind\":\"tags\",\"seconds\":1}],\"suspended\":true}],\"tagTtlStretch\":1.0}");
  }
}
