package dev.breakwater.bench;

import dev.breakwater.e2e.Workspace;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;

/**
 * A registry on loopback, nginx, with layers of any size that cost it neither memory nor disk: each
 * is a number and then a hole in a file. Every layer is the only one of its image.
 */
final class SparseRegistry implements AutoCloseable {
  private static final String MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final String REPOSITORY = "library/sparse";
  private static final int PIECE = 1 << 20;

  private final Nginx nginx;
  private final List<Blob> layers;

  private SparseRegistry(Nginx nginx, List<Blob> layers) {
    this.nginx = nginx;
    this.layers = layers;
  }

  /** Starts it with so many layers of that size; the manifest of layer n has the tag n. */
  static SparseRegistry start(Workspace workspace, int count, long size) throws IOException {
    Path root = workspace.store("sparse");
    Path repository = root.resolve("v2").resolve(REPOSITORY);
    Files.createDirectories(repository.resolve("blobs"));
    Files.createDirectories(repository.resolve("manifests"));
    Blob config = write(repository, "{}".getBytes(StandardCharsets.US_ASCII), 2);
    List<Blob> layers = new ArrayList<>();
    for (int number = 0; number < count; number++) {
      Blob layer = write(repository, ByteBuffer.allocate(8).putLong(number + 1L).array(), size);
      layers.add(layer);
      byte[] manifest = manifest(config, layer).getBytes(StandardCharsets.US_ASCII);
      Path tag = repository.resolve("manifests");
      Files.write(tag.resolve(Integer.toString(number)), manifest);
      Files.write(tag.resolve(Digest.ofSha256(manifest).toString()), manifest);
    }
    return new SparseRegistry(Nginx.start(workspace, root, MANIFEST_TYPE), layers);
  }

  private static String manifest(Blob config, Blob layer) {
    return """
    {"schemaVersion":2,"mediaType":"%s",
    "config":{"mediaType":"application/vnd.oci.image.config.v1+json","digest":"%s","size":%d},
    "layers":[{"mediaType":"application/vnd.oci.image.layer.v1.tar","digest":"%s","size":%d}]}
    """
        .formatted(MANIFEST_TYPE, config.digest(), config.size(), layer.digest(), layer.size());
  }

  private static Blob write(Path repository, byte[] beginning, long size) throws IOException {
    String digest = digest(beginning, size);
    Path file = repository.resolve("blobs").resolve(digest);
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      channel.write(ByteBuffer.wrap(beginning));
      if (size > beginning.length) {
        channel.write(ByteBuffer.wrap(new byte[1]), size - 1);
      }
    }
    return new Blob(REPOSITORY, digest, size);
  }

  private static String digest(byte[] beginning, long size) {
    MessageDigest sha256 = DigestAlgorithm.SHA256.newMessageDigest();
    sha256.update(beginning);
    byte[] zeros = new byte[PIECE];
    for (long left = size - beginning.length; left > 0; left -= PIECE) {
      sha256.update(zeros, 0, (int) Math.min(PIECE, left));
    }
    return Digest.ofHash(DigestAlgorithm.SHA256, sha256.digest()).toString();
  }

  URI uri() {
    return nginx.uri();
  }

  List<Blob> layers() {
    return layers;
  }

  /** Where the manifest of layer n is, of this registry or of a mirror of it. */
  static URI manifest(URI registry, int layer) {
    return registry.resolve("/v2/" + REPOSITORY + "/manifests/" + layer);
  }

  @Override
  public void close() {
    nginx.close();
  }
}
