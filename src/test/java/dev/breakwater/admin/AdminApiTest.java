package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadList;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.admin.api.UpstreamInfo;
import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The pages of the admin API without a cache and without upstreams. */
class AdminApiTest {
  private final List<String> done = new ArrayList<>();
  private @Nullable SweepInfo lastSweep;
  private boolean scrubs = true;

  private final CacheOperations cache =
      new CacheOperations() {
        @Override
        public DownloadList downloads() {
          return new DownloadList(List.of());
        }

        @Override
        public ScrubInfo scrub() {
          return new ScrubInfo("idle", 1, "", "", 2, 3, 4, 5, false);
        }

        @Override
        public boolean startScrub() {
          return scrubs;
        }

        @Override
        public SweepStatus sweeps() {
          return new SweepStatus(0, lastSweep);
        }

        @Override
        public long startSweep(boolean dryRun) {
          return 7;
        }

        @Override
        public Future<DiskUsage> diskUsage() {
          return Future.succeededFuture(
              new DiskUsage(List.of(new DiskUsage.ZoneUsage("docker.io", 1, 2, 3, 4)), 5, 6, 7));
        }
      };

  private final UpstreamOperations upstreams =
      new UpstreamOperations() {
        @Override
        public UpstreamList list() {
          return new UpstreamList(
              false,
              List.of(
                  new UpstreamInfo(
                      "docker.io",
                      false,
                      new UpstreamInfo.BreakerInfo("closed", "closed", "closed", "closed"),
                      List.of(),
                      1)));
        }

        @Override
        public List<ZoneName> zones() {
          return List.of(ZoneName.DOCKER_HUB);
        }

        @Override
        public void setAllOffline(boolean offline) {
          done.add("all " + offline);
        }

        @Override
        public void setOffline(ZoneName zone, boolean offline) {
          done.add(zone.value() + " " + offline);
        }

        @Override
        public Future<Void> purge(ZoneName zone, RepositoryName repository, Optional<Tag> tag) {
          done.add(
              zone.value() + "/" + repository.value() + tag.map(each -> ":" + each).orElse(""));
          return Future.succeededFuture();
        }
      };

  private String ask(String method, String path, String... parameters) {
    AdminRoute route =
        Stream.concat(
                new CacheAdminApi(cache).routes().stream(),
                new UpstreamAdminApi(upstreams).routes().stream())
            .filter(each -> each.method().equals(method) && each.path().equals(path))
            .findFirst()
            .orElseThrow();
    Map<String, String> given = new HashMap<>();
    for (int i = 0; i < parameters.length; i += 2) {
      given.put(parameters[i], parameters[i + 1]);
    }
    AdminAnswer answer = route.handler().apply(given).await();
    return answer.status() + " " + answer.body();
  }

  @Test
  void theCacheIsShown() {
    assertThat(ask("GET", "/api/downloads")).isEqualTo("200 {\"downloads\":[]}");
    assertThat(ask("GET", "/api/scrub"))
        .isEqualTo(
            "200 {\"state\":\"idle\",\"bytesPerSecond\":1,\"began\":\"\",\"position\":\"\","
                + "\"blobs\":2,\"bytes\":3,\"damaged\":4,\"healed\":5,\"doubted\":false}");
    assertThat(ask("GET", "/api/du"))
        .isEqualTo(
            "200 {\"registries\":[{\"name\":\"docker.io\",\"repositories\":1,\"links\":2,"
                + "\"logicalBytes\":3,\"distinctBytes\":4}],\"blobs\":5,\"blobBytes\":6,"
                + "\"logicalBytes\":7}");
  }

  @Test
  void theLastSweepIsAbsentBeforeThereIsOne() {
    assertThat(ask("GET", "/api/gc")).isEqualTo("200 {\"running\":0}");
    lastSweep = new SweepInfo(1, true, "done", 4, 5.5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    assertThat(ask("GET", "/api/gc"))
        .isEqualTo(
            "200 {\"running\":0,\"last\":{\"id\":1,\"dryRun\":true,\"outcome\":\"done\","
                + "\"startedAt\":4,\"seconds\":5.5,\"manifests\":6,\"tags\":7,\"referrers\":8,"
                + "\"links\":9,\"blobs\":10,\"blobBytes\":11,\"downloads\":12,"
                + "\"downloadBytes\":13,\"waiting\":14,\"kept\":15}}");
  }

  @Test
  void whatIsBegunIsAcceptedAndWhatCannotBeIsRefused() {
    assertThat(ask("POST", "/api/gc")).isEqualTo("202 {\"id\":7,\"dryRun\":false}");
    assertThat(ask("POST", "/api/gc", "dryRun", "true"))
        .isEqualTo("202 {\"id\":7,\"dryRun\":true}");
    assertThat(ask("POST", "/api/gc", "dryRun", "yes"))
        .isEqualTo("400 {\"error\":\"dryRun must be true or false\"}");
    assertThat(ask("POST", "/api/scrub")).startsWith("202 {\"state\"");
    scrubs = false;
    assertThat(ask("POST", "/api/scrub")).startsWith("409 {\"state\"");
  }

  @Test
  void upstreamsAreShownAndSwitched() {
    String list =
        "200 {\"offline\":false,\"upstreams\":[{\"name\":\"docker.io\",\"offline\":false,"
            + "\"breakers\":{\"manifest\":\"closed\",\"blob\":\"closed\",\"tags\":\"closed\","
            + "\"referrers\":\"closed\"},\"accounts\":[],\"tagTtlStretch\":1.0}]}";
    assertThat(ask("GET", "/api/upstreams")).isEqualTo(list);
    assertThat(ask("POST", "/api/offline", "offline", "true")).isEqualTo(list);
    assertThat(ask("POST", "/api/offline", "offline", "false", "upstream", "docker.io"))
        .isEqualTo(list);
    assertThat(ask("POST", "/api/offline", "offline", "true", "upstream", "x"))
        .isEqualTo(
            "404 {\"error\":\"\\\"x\\\" is not a configured registry; configured are docker.io\"}");
    assertThat(ask("POST", "/api/offline")).startsWith("400 ");
    assertThat(done).containsExactly("all true", "docker.io false");
  }

  @Test
  void aRepositoryOrATagIsPurged() {
    String purged = "200 {\"purged\":\"library/nginx\"}";
    String[] nginx = {"upstream", "docker.io", "repository", "library/nginx"};
    assertThat(ask("POST", "/api/purge", nginx)).isEqualTo(purged);
    assertThat(
            ask(
                "POST",
                "/api/purge",
                Stream.concat(Stream.of(nginx), Stream.of("tag", "1.27")).toArray(String[]::new)))
        .isEqualTo(purged);
    assertThat(ask("POST", "/api/purge", "upstream", "docker.io", "repository", "UPPER"))
        .startsWith("400 ");
    assertThat(done).containsExactly("docker.io/library/nginx", "docker.io/library/nginx:1.27");
  }
}
