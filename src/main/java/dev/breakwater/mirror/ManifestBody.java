package dev.breakwater.mirror;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.registry.BlobBody;
import dev.breakwater.registry.Region;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;

/** A manifest that is asked for as a blob: the same bytes with the same type. */
final class ManifestBody implements BlobBody {
  private final Manifest manifest;
  private final Buffer bytes;

  ManifestBody(Manifest manifest) {
    this.manifest = manifest;
    this.bytes = Buffer.buffer(manifest.bytes());
  }

  @Override
  public Digest digest() {
    return manifest.digest();
  }

  @Override
  public MediaType mediaType() {
    return manifest.mediaType();
  }

  @Override
  public long size() {
    return manifest.size();
  }

  @Override
  public Future<Region> next(long from, long to) {
    return Future.succeededFuture(new Region.OfBuffer(bytes.slice((int) from, (int) to)));
  }

  @Override
  public void close() {
    // Nothing is held.
  }
}
