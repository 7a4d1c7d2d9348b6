package dev.breakwater.mirror;

import dev.breakwater.index.BlobRecord;
import dev.breakwater.index.CachedIndex;
import dev.breakwater.index.InRepository;
import dev.breakwater.index.LinkRecord;
import dev.breakwater.index.Tables;
import dev.breakwater.mirror.download.BlobSource;
import dev.breakwater.mirror.download.Downloads;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.storage.CrashPoint;
import io.vertx.core.Future;
import java.time.Clock;
import java.util.List;

/**
 * Puts downloaded blobs into the index, with the link of the repository they came from.
 *
 * @param index is told
 */
public record MirroredBlobs(CachedIndex index, Clock clock) implements Downloads.Owner {

  @Override
  public Future<Void> publish(Digest digest, BlobSource source, long size) {
    CrashPoint.at("publish.beforeIndex");
    InRepository<Digest> link = new InRepository<>(source.zone(), source.repository(), digest);
    return index
        .get(Tables.LINKS, link)
        .map(known -> known.map(LinkRecord::mediaType).orElse(MediaType.OCTET_STREAM))
        .otherwise(MediaType.OCTET_STREAM)
        .compose(
            type ->
                index.apply(
                    List.of(
                        Tables.BLOBS.put(digest, new BlobRecord(size, clock.millis())),
                        Tables.LINKS.put(link, new LinkRecord(type, size)))))
        .onSuccess(published -> CrashPoint.at("publish.afterIndex"));
  }

  @Override
  public RuntimeException refusal(String subject, Throwable failure) {
    return UpstreamFailures.ofBlob(subject, failure);
  }
}
