package dev.breakwater.mirror;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.BlobStat;
import dev.breakwater.registry.Served;
import dev.breakwater.upstream.UpstreamOutcome;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A blob that upstream does not give is 404, so that the client asks the next registry. */
class AbsentBlobsSendClientsElsewhereTest extends BlobPulls {
  @ParameterizedTest
  @EnumSource(
      value = UpstreamOutcome.class,
      names = {"NOT_FOUND", "UNAUTHORIZED", "DENIED", "CONNECT", "SERVER_ERROR", "RATE_LIMITED"})
  void aBlobThatIsNotGivenIsUnknownSoThatTheClientGoesElsewhere(UpstreamOutcome outcome)
      throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().refuse(outcome);
    assertError(open, ErrorCode.BLOB_UNKNOWN, "scripted " + outcome.label());
  }

  @Test
  void aDefiniteNoIsRememberedForAWhile() throws Exception {
    Future<Served<BlobBody>> open = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().refuse(UpstreamOutcome.NOT_FOUND);
    assertError(open, ErrorCode.BLOB_UNKNOWN, "404");
    awaitNoDownload();
    assertError(mirror.open(mirror.nginx(), digest), ErrorCode.BLOB_UNKNOWN, "404");
    assertThat(mirror.hub.blobGets).hasValue(1);

    mirror.clock.turn(Duration.ofSeconds(11));
    Future<Served<BlobBody>> later = mirror.open(mirror.nginx(), digest);
    mirror.hub.nextTransfer().answer(2000).send(content).end();
    assertThat(all(later)).isEqualTo(Buffer.buffer(content));
  }

  @Test
  void theSizeOfAnAbsentBlobIsAskedByHeadAndDownloadsNothing() throws Exception {
    mirror.hub.blobSizes.put(digest, 2000L);
    Served<BlobStat> stat = get(mirror.onLoop(() -> mirror.nginx().blobs().stat(digest)));
    assertThat(stat.value()).isEqualTo(BlobStat.ofBytes(2000));
    assertThat(mirror.hub.blobGets).hasValue(0);
    assertThat(mirror.hub.blobHeads).hasValue(1);
  }
}
