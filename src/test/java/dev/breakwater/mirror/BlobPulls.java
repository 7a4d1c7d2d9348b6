package dev.breakwater.mirror;

import static dev.breakwater.mirror.MirrorFixture.NGINX;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RegistryException;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A mirror, and the blob that a test pulls through it. */
abstract class BlobPulls {
  @TempDir Path data;
  final byte[] content = bytes(2000);
  final Digest digest = Digest.ofSha256(content);
  MirrorFixture mirror;

  @BeforeEach
  void start() throws Exception {
    mirror = new MirrorFixture(data);
  }

  @AfterEach
  void stop() throws Exception {
    mirror.close();
  }

  void link(long size) {
    get(
        mirror.index.apply(
            List.of(
                Tables.LINKS.put(
                    new InRepository<>(mirror.hub.zone(), NGINX, digest),
                    new LinkRecord(MediaType.OCTET_STREAM, size)))));
  }

  void awaitStored() throws Exception {
    awaitNoDownload();
    assertThat(mirror.facts.get(Tables.BLOBS, digest)).isPresent();
  }

  void awaitNoDownload() throws Exception {
    get(mirror.downloads.idle());
  }

  static void assertError(Future<?> future, ErrorCode code, String message) {
    assertThatThrownBy(() -> get(future))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code))
        .hasMessageContaining(message);
  }

  static CacheResult result(Future<Served<BlobBody>> served) {
    return get(served).provenance().result();
  }

  Buffer all(Future<Served<BlobBody>> served) {
    return get(mirror.readAll(get(served).value()));
  }

  static <T> T get(Future<T> future) {
    try {
      return future.await(10, SECONDS);
    } catch (TimeoutException e) {
      throw new AssertionError("nothing happened for 10 s", e);
    }
  }

  static byte[] bytes(int size) {
    byte[] bytes = new byte[size];
    new Random(size).nextBytes(bytes);
    return bytes;
  }
}
