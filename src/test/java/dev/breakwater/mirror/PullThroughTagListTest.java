package dev.breakwater.mirror;

import static dev.breakwater.mirror.MirrorFixture.NGINX;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PullThroughTagListTest {
  private static final Tag LATEST = new Tag("latest");

  @TempDir Path data;
  private MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
    mirror.hub.tags = List.of(new Tag("1"), LATEST);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  private static <T> T await(Future<T> future) {
    try {
      return future.await(20, TimeUnit.SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("no result within 20 s", e);
    }
  }

  private Future<Served<List<Tag>>> asked() {
    return mirror.onLoop(() -> mirror.nginx().tags().list());
  }

  private Served<List<Tag>> tags() {
    return await(asked());
  }

  private void restart(Duration tagTtl) throws Exception {
    mirror.close();
    mirror =
        new MirrorFixture(
            data.resolve("again"),
            MirrorFixture.POLICY,
            new TagTtls(tagTtl, List.of()),
            Duration.ZERO);
  }

  private void assertRefused(ErrorCode code) {
    assertThatThrownBy(this::tags)
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Test
  void listIsAskedOnceForAllItsPagesAndAgainAfterAMinute() {
    assertThat(tags().provenance().result()).isEqualTo(CacheResult.MISS);
    for (int page = 0; page < 20; page++) {
      assertThat(tags().value()).containsExactly(new Tag("1"), LATEST);
      assertThat(tags().provenance().result()).isEqualTo(CacheResult.HIT);
    }
    assertThat(mirror.hub.tagLists).hasValue(1);
    mirror.hub.tags = List.of(LATEST);
    mirror.clock.turn(TagLists.LONGEST);
    assertThat(tags().value()).containsExactly(LATEST);
  }

  @Test
  void listIsNotUsedForLongerThanTagsAreFresh() throws Exception {
    restart(Duration.ofSeconds(5));
    tags();
    mirror.clock.turn(Duration.ofSeconds(5));
    tags();
    assertThat(mirror.hub.tagLists).hasValue(2);
  }

  @Test
  void listIsNotUsedForLongerThanAMinuteHoweverLongTagsAreFresh() throws Exception {
    restart(Duration.ofDays(1));
    tags();
    mirror.clock.turn(TagLists.LONGEST);
    tags();
    assertThat(mirror.hub.tagLists).hasValue(2);
  }

  @Test
  void clientsThatAskAtTheSameTimeShareOneRequest() {
    Promise<Void> gate = Promise.promise();
    mirror.hub.held = gate.future();
    List<Future<Served<List<Tag>>>> answers = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      answers.add(asked());
    }
    gate.complete();
    answers.forEach(answer -> assertThat(await(answer).value()).hasSize(2));
    assertThat(mirror.hub.tagLists).hasValue(1);
  }

  @Test
  void purgeForgetsTheList() {
    tags();
    mirror.hub.tags = List.of(LATEST);
    await(mirror.onLoop(() -> mirror.mirror.purge(mirror.hub.zone(), NGINX, Optional.empty())));
    assertThat(tags().value()).containsExactly(LATEST);
  }

  @Test
  void failedListIsAskedAgain() {
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    assertRefused(ErrorCode.UNAVAILABLE);
    mirror.hub.heal();
    assertThat(tags().value()).hasSize(2);
  }

  @Test
  void tagsThatWerePulledStandInWhenUpstreamFails() {
    byte[] bytes = "{\"layers\":[]}".getBytes(UTF_8);
    mirror.hub.put(LATEST, new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes));
    await(mirror.onLoop(() -> mirror.nginx().manifests().get(LATEST)));
    tags();
    mirror.clock.turn(TagLists.LONGEST);
    mirror.hub.breakWith(UpstreamOutcome.CONNECT);
    assertThat(tags().value()).containsExactly(LATEST);
    assertThat(tags().provenance().result()).isEqualTo(CacheResult.STALE);
    mirror.hub.breakWith(UpstreamOutcome.NOT_FOUND);
    assertRefused(ErrorCode.NAME_UNKNOWN);
  }

  @Test
  void packedListIsTheListItWasMadeOf() {
    List<Tag> all =
        IntStream.range(0, 100_000).mapToObj(i -> new Tag(String.format("v%08d", i))).toList();
    PackedTags packed = new PackedTags(all);
    assertThat(packed).isEqualTo(all);
    assertThat(Collections.binarySearch(packed, new Tag("v00000777"))).isEqualTo(777);
    assertThat(new PackedTags(List.of())).isEmpty();
    assertThat(packed.weight()).isLessThan(1_400_000);
  }
}
