package dev.breakwater.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.Reference;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.oci.Tag;
import dev.breakwater.registry.ManifestStat;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A mirror, and the manifests that a test pulls through it. */
abstract class ManifestPulls {
  static final Tag LATEST = new Tag("latest");
  static final Digest LAYER = Digest.ofSha256(new byte[] {1});
  static final TagTtls MINUTE = new TagTtls(Duration.ofSeconds(60), List.of());
  static final Manifest FIRST = manifest("first");
  static final Manifest SECOND = manifest("second");

  @TempDir Path data;
  MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
    mirror.hub.put(LATEST, FIRST);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  void restart(PullThrough.Policy policy, TagTtls rules, Duration grace) throws Exception {
    mirror.close();
    mirror = new MirrorFixture(data.resolve("again"), policy, rules, grace);
    mirror.hub.put(LATEST, FIRST);
  }

  Served<Manifest> get(Reference reference) {
    return await(mirror.onLoop(() -> mirror.nginx().manifests().get(reference)));
  }

  Served<ManifestStat> stat(Reference reference) {
    return await(mirror.onLoop(() -> mirror.nginx().manifests().stat(reference)));
  }

  void assertUpstreamCalls(int heads, int gets) {
    assertThat(mirror.hub.manifestHeads).as("HEADs").hasValue(heads);
    assertThat(mirror.hub.manifestGets).as("GETs").hasValue(gets);
  }

  static void assertError(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, ErrorCode code, String message) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  static <T> T await(Future<T> future) {
    try {
      return future.await(10, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened for 10 s", e);
    }
  }

  static Manifest manifest(String salt) {
    byte[] bytes =
        ("{\"schemaVersion\":2,\"salt\":\""
                + salt
                + "\",\"layers\":[{\"mediaType\":\"application/vnd.oci.image.layer.v1.tar\","
                + "\"digest\":\""
                + LAYER
                + "\",\"size\":1}]}")
            .getBytes(UTF_8);
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }
}
