package dev.breakwater.admin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.DiskUsage;
import dev.breakwater.admin.api.DownloadList;
import dev.breakwater.admin.api.OfflineInfo;
import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.admin.api.ScrubInfo;
import dev.breakwater.admin.api.SweepInfo;
import dev.breakwater.admin.api.SweepStatus;
import dev.breakwater.admin.api.UpstreamInfo;
import dev.breakwater.admin.api.UpstreamList;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import dev.breakwater.registry.Zones;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The pages of the admin API without a cache and without upstreams. */
class AdminApiTest {
  private final List<String> done = new ArrayList<>();
  private @Nullable SweepInfo lastSweep;
  private boolean scrubs = true;
  private Function<String, PurgeInfo> purged = name -> new PurgeInfo(name, 1, 2, 3, 4);

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
        public OfflineInfo offline() {
          return new OfflineInfo(
              false, List.of(new OfflineInfo.OfflineUpstream("docker.io", true, true)));
        }

        @Override
        public boolean setAllOffline(boolean offline) {
          return done.add("all " + offline);
        }

        @Override
        public boolean setOffline(ZoneName zone, boolean offline) {
          return done.add(zone.value() + " " + offline);
        }

        @Override
        public RepositoryName nameIn(ZoneName zone, RepositoryName asked) {
          return Zones.nameIn(zone, asked);
        }

        @Override
        public Future<PurgeInfo> purge(
            ZoneName zone, RepositoryName repository, Optional<Tag> tag) {
          done.add(
              zone.value() + "/" + repository.value() + tag.map(each -> ":" + each).orElse(""));
          return Future.succeededFuture(purged.apply(repository.value()));
        }
      };

  private String result(String path, String... parameters) {
    return answer("POST", path, parameters).result();
  }

  private String ask(String method, String path, String... parameters) {
    AdminAnswer answer = answer(method, path, parameters);
    return answer.status() + " " + answer.body();
  }

  private AdminAnswer answer(String method, String path, String... parameters) {
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
    return route.handler().apply(given).await();
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
  void whatIsOfflineIsShown() {
    assertThat(ask("GET", "/api/offline"))
        .isEqualTo(
            "200 {\"offline\":false,\"upstreams\":[{\"name\":\"docker.io\",\"offline\":true,"
                + "\"byItself\":true}]}");
  }

  @ParameterizedTest
  @ValueSource(strings = {"nginx", "docker.io/nginx", "index.docker.io/library/nginx"})
  void aShortNameOfDockerHubIsPurgedByTheNameThatItIsKeptUnder(String repository) {
    assertThat(ask("POST", "/api/purge", "upstream", "docker.io", "repository", repository))
        .startsWith("200 {\"purged\":\"library/nginx\"");
    assertThat(done).containsExactly("docker.io/library/nginx");
  }

  @Test
  void aRepositoryOrATagIsPurged() {
    String purged =
        "200 {\"purged\":\"library/nginx\",\"tags\":1,\"refusals\":2,\"listings\":3,"
            + "\"downloads\":4}";
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

  @Test
  void aPurgeThatFindsNothingSaysSo() {
    purged = name -> new PurgeInfo(name, 0, 0, 0, 0);
    assertThat(
            ask("POST", "/api/purge", "upstream", "docker.io", "repository", "ngnix", "tag", "1"))
        .startsWith("404 {\"error\":\"docker.io/library/ngnix:1: nothing to purge: ");
  }

  @Test
  void theAuditLogIsToldWhatCameOfACommand() {
    assertThat(result("/api/gc")).isEqualTo("sweep 7 is queued");
    assertThat(result("/api/gc", "dryRun", "true"))
        .isEqualTo("sweep 7 is queued, which deletes nothing");
    assertThat(result("/api/scrub")).startsWith("a pass of the scrubber begins");
    scrubs = false;
    assertThat(result("/api/scrub")).isEqualTo("refused: scrub.rate is off");
    assertThat(result("/api/offline", "offline", "true"))
        .isEqualTo("every upstream is offline now");
    assertThat(result("/api/offline", "offline", "false", "upstream", "docker.io"))
        .isEqualTo("docker.io is online now");
    assertThat(result("/api/purge", "upstream", "docker.io", "repository", "nginx", "tag", "1"))
        .isEqualTo(
            "docker.io/library/nginx:1: forgot 1 tags, 2 refusals, 3 listings; deleted 4"
                + " unfinished downloads");
    assertThat(result("/api/purge", "upstream", "x"))
        .isEqualTo("\"x\" is not a configured registry; configured are docker.io");
  }
}
