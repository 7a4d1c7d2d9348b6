package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.breakwater.oci.FailureCause;
import java.net.URI;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;
import java.util.function.Function;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/**
 * What clients print when a mirror refuses: of a 503 the reason phrase of the status line only, so
 * the cause stands there.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
class CauseReachesTheUserIT {
  private static final String REFERENCE = "docker.io/library/nginx:1.27";
  private static final String PRINTED = "503 Service Unavailable: " + FailureCause.OFFLINE.phrase();

  @Test
  void skopeoPrintsIt(TestInfo test) {
    assertPrinted(test, Skopeo::direct, mirror -> REFERENCE);
  }

  @Test
  void skopeoPrintsItBesideTheErrorOfTheRegistryItself(TestInfo test) {
    assertPrinted(test, Skopeo::configured, mirror -> REFERENCE);
  }

  @Test
  void podmanPrintsItBesideTheErrorOfTheRegistryItself(TestInfo test) {
    assertPrinted(test, Podman::new, mirror -> REFERENCE);
  }

  @Test
  void ctrPrintsIt(TestInfo test) {
    assertPrinted(test, Containerd::debian, mirror -> REFERENCE);
  }

  /** By the mirror's own address: of a mirror it logs the error, and prints Docker Hub's. */
  @Test
  void oldDockerdPrintsIt(TestInfo test) {
    assertPrinted(test, Dockerd::new, mirror -> mirror.address() + "/library/nginx:1.27");
  }

  private static void assertPrinted(
      TestInfo test,
      BiFunction<Workspace, BreakwaterProcess, ImageClient> client,
      Function<BreakwaterProcess, String> reference) {
    URI nowhere = URI.create("http://127.0.0.1:1");
    Map<String, String> offline = Map.of("BREAKWATER_CACHE_OFFLINE", "true");
    try (Workspace workspace = new Workspace(test);
        BreakwaterProcess mirror = BreakwaterProcess.start(workspace, nowhere, offline);
        ImageClient started = client.apply(workspace, mirror)) {
      Throwable failure = catchThrowable(() -> started.pull(reference.apply(mirror)));
      assertThat(failure).isNotNull().hasMessageContaining(PRINTED);
    }
  }
}
