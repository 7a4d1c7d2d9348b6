package dev.breakwater.app;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.gc.Du;
import dev.breakwater.gc.ScrubStatus;
import dev.breakwater.gc.SweepReport;
import dev.breakwater.mirror.Purged;
import dev.breakwater.mirror.download.LiveDownload;
import dev.breakwater.oci.ContentKind;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.upstream.UpstreamReport;
import io.vertx.core.json.Json;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What the parts report arrives in the documents of the admin API, each value in its place. */
class AdminDocumentsTest {
  @Test
  void aSweep() {
    SweepReport report =
        new SweepReport(1, true, "done", 4, 5.5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    assertThat(Json.encode(AdminDocuments.of(report))).isEqualTo(Json.encode(report));
  }

  @Test
  void diskUsage() {
    Du du = new Du(List.of(new Du.Zone("docker.io", 1, 2, 3, 4)), 5, 6, 7);
    assertThat(Json.encode(AdminDocuments.of(du))).isEqualTo(Json.encode(du));
  }

  @Test
  void theScrubber() {
    ScrubStatus status = new ScrubStatus("idle", 1, "began", "position", 2, 3, 4, 5, true);
    assertThat(Json.encode(AdminDocuments.of(status))).isEqualTo(Json.encode(status));
  }

  @Test
  void aPurge() {
    assertThat(
            Json.encode(
                AdminDocuments.of(new RepositoryName("library/nginx"), new Purged(1, 2, 3, 4))))
        .isEqualTo(
            "{\"purged\":\"library/nginx\",\"tags\":1,\"refusals\":2,\"listings\":3,"
                + "\"downloads\":4}");
  }

  @Test
  void aDownload() {
    LiveDownload download =
        new LiveDownload("digest", "docker.io", "library/nginx", 1, 2, 3, 4, true, false, 5.5);
    assertThat(Json.encode(AdminDocuments.of(download))).isEqualTo(Json.encode(download));
  }

  @Test
  void anUpstreamWithAnAccountOfWhichNothingIsKnownAndOneThatIsNearlyExhausted() {
    UpstreamReport report =
        new UpstreamReport(
            Map.of(
                ContentKind.REFERRERS,
                "closed",
                ContentKind.TAGS,
                "closed",
                ContentKind.BLOB,
                "half-open",
                ContentKind.MANIFEST,
                "open"),
            List.of(
                new UpstreamReport.Account("anonymous", Optional.empty(), Duration.ZERO, false),
                new UpstreamReport.Account(
                    "me",
                    Optional.of(
                        new UpstreamReport.Pulls(
                            100, 7, Duration.ofHours(6), "192.0.2.1", Optional.of(90L))),
                    Duration.ofSeconds(10),
                    true)),
            1);
    assertThat(Json.encode(AdminDocuments.of(ZoneName.DOCKER_HUB, true, report)))
        .isEqualTo(
            "{\"name\":\"docker.io\",\"offline\":true,\"breakers\":{\"manifest\":\"open\","
                + "\"blob\":\"half-open\",\"tags\":\"closed\",\"referrers\":\"closed\"},"
                + "\"accounts\":[{\"account\":\"anonymous\",\"pausedSeconds\":0,"
                + "\"suspended\":false},{\"account\":\"me\",\"limit\":100,\"remaining\":7,"
                + "\"windowSeconds\":21600,\"countedFor\":\"192.0.2.1\","
                + "\"exhaustedInSeconds\":90,\"pausedSeconds\":10,\"suspended\":true}],"
                + "\"tagTtlStretch\":1.0}");
  }
}
