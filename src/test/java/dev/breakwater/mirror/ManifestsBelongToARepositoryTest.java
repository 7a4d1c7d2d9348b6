package dev.breakwater.mirror;

import static dev.breakwater.mirror.MirrorFixture.NGINX;
import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.admin.api.PurgeInfo;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Tag;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is known of manifests belongs to one repository of one zone. */
class ManifestsBelongToARepositoryTest extends ManifestPulls {
  @Test
  void zonesDoNotShareManifests() {
    get(LATEST);
    assertError(
        () -> await(mirror.onLoop(() -> mirror.elsewhere("library/nginx").manifests().get(LATEST))),
        ErrorCode.MANIFEST_UNKNOWN,
        "404");
    assertError(
        () ->
            await(
                mirror.onLoop(
                    () -> mirror.elsewhere("library/nginx").manifests().get(FIRST.digest()))),
        ErrorCode.MANIFEST_UNKNOWN,
        "404");
  }

  @Test
  void aManifestGivesItsRepositoryTheRightToReadItsBlobs() {
    get(LATEST);
    assertThat(
            mirror
                .facts
                .get(Tables.LINKS, new InRepository<>(mirror.hub.zone(), NGINX, LAYER))
                .orElseThrow()
                .size())
        .isEqualTo(1);
  }

  @Test
  void purgeForgetsWhatUpstreamSaid() {
    get(LATEST);
    Tag later = new Tag("later");
    assertError(() -> get(later), ErrorCode.MANIFEST_UNKNOWN, "404");
    mirror.hub.put(later, FIRST);
    mirror.hub.put(LATEST, SECOND);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.other.zone(), NGINX, Optional.empty())));
    assertThat(get(LATEST).value()).as("of another zone").isEqualTo(FIRST);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, Optional.of(later))));
    assertThat(get(later).value()).isEqualTo(FIRST);
    assertThat(get(LATEST).value()).as("another tag").isEqualTo(FIRST);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, Optional.empty())));
    assertThat(get(LATEST).value()).isEqualTo(SECOND);
  }

  @Test
  void purgeTellsWhatItForgot() {
    get(LATEST);
    assertError(() -> get(new Tag("later")), ErrorCode.MANIFEST_UNKNOWN, "404");
    assertThat(purge(Optional.of(new Tag("other")))).isEqualTo(purged(0, 1));
    assertThat(purge(Optional.of(LATEST))).isEqualTo(purged(1, 0));
    assertThat(purge(Optional.of(LATEST))).isEqualTo(purged(0, 0));
    get(LATEST);
    assertThat(purge(Optional.empty())).isEqualTo(purged(1, 0));
  }

  private PurgeInfo purge(Optional<Tag> tag) {
    return await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, tag)));
  }

  private static PurgeInfo purged(int tags, int refusals) {
    return new PurgeInfo("library/nginx", tags, refusals, 0, 0);
  }
}
