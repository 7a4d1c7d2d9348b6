package dev.breakwater.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.junit.jupiter.api.Timeout;

/** Private images of an upstream at which Breakwater has an account, for one kind of client. */
@Timeout(value = 5, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@Tag("peers")
abstract class PrivateImagesContract {
  private static final Map<String, String> OPEN =
      Map.of("BREAKWATER_UPSTREAMS_DOCKER_IO_PUBLIC_ONLY", "false");

  /** Starts the client with {@code mirror} as its mirror of Docker Hub. */
  abstract ImageClient client(Workspace workspace, BreakwaterProcess mirror);

  /** Whether it is in the cache, and whether upstream is up, makes no difference. */
  @Test
  void accountOpensPrivateImagesOnlyWhenTheOperatorSaysSo(TestInfo test) {
    List<TestImage> small =
        TestImages.shared().all().stream()
            .filter(image -> image.manifests() > 1 && image.traits().isEmpty())
            .toList();
    TestImage hidden = small.getFirst();
    TestImage open = small.getLast();
    assertThat(hidden.repository()).isNotEqualTo(open.repository());
    try (Workspace workspace = new Workspace(test);
        Upstream upstream =
            Upstream.start(workspace, TestImages.shared(), Set.of(hidden.repository()));
        BreakwaterProcess mirror =
            BreakwaterProcess.start(workspace, upstream.uri(), settings(upstream));
        ImageClient client = client(workspace, mirror)) {
      assertPulls(client, open);
      assertRefused(client, hidden);

      mirror.stop();
      mirror.start(OPEN);
      assertPulls(client, hidden);
      mirror.awaitNoDownloads();
      client.emptyStore();

      mirror.restart();
      assertRefused(client, hidden);
      upstream.stop();
      assertRefused(client, hidden);
      client.emptyStore();
      assertPulls(client, open);
    }
  }

  private static Map<String, String> settings(Upstream upstream) {
    Map<String, String> settings = new HashMap<>(upstream.settings());
    settings.putAll(upstream.account());
    return settings;
  }

  private static void assertPulls(ImageClient client, TestImage image) {
    assertThat(client.pull(image.byTag())).as(image.byTag()).isEqualTo(client.identityOf(image));
    assertThat(client.run(image.byTag())).isEqualTo(image.marker());
  }

  private static void assertRefused(ImageClient client, TestImage image) {
    for (String reference : List.of(image.byTag(), image.byDigest())) {
      assertThatThrownBy(() -> client.pull(reference))
          .as(reference)
          .isInstanceOf(AssertionError.class);
    }
  }
}
