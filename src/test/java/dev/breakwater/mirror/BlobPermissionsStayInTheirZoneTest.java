package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.CacheResult;
import dev.breakwater.oci.ErrorCode;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Served;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import org.junit.jupiter.api.Test;

/** Bytes are shared by all zones, the permission to read them is not. */
class BlobPermissionsStayInTheirZoneTest extends BlobPulls {
  @Test
  void bytesAreSharedAcrossZonesButThePermissionIsNot() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    all(open);
    awaitStored();

    assertError(mirror.open(mirror.elsewhere("spy/app"), digest), ErrorCode.BLOB_UNKNOWN, "404");
    assertError(
        mirror.onLoop(() -> mirror.elsewhere("spy/app").blobs().stat(digest)),
        ErrorCode.BLOB_UNKNOWN,
        "404");

    mirror.other.blobSizes.put(digest, 2000L);
    Future<Served<BlobBody>> allowed = mirror.open(mirror.elsewhere("friend/app"), digest);
    assertThat(all(allowed)).isEqualTo(Buffer.buffer(content));
    assertThat(mirror.other.blobGets).as("bytes fetched twice").hasValue(0);
  }

  @Test
  void aClientOfAnotherZoneJoinsADownloadOnlyIfItsOwnUpstreamAgrees() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    ScriptedTransfer transfer = mirror.hub.nextTransfer().answer(2000).send(content, 0, 10);
    get(open);
    assertError(mirror.open(mirror.elsewhere("spy/app"), digest), ErrorCode.BLOB_UNKNOWN, "404");
    mirror.other.blobSizes.put(digest, 2000L);
    Future<Served<BlobBody>> joined = mirror.open(mirror.elsewhere("friend/app"), digest);
    assertThat(result(joined)).isEqualTo(CacheResult.COLLAPSED);
    transfer.send(content, 10, 2000).end();
    assertThat(all(joined)).isEqualTo(Buffer.buffer(content));
    all(open);
  }
}
