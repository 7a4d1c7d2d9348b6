package dev.breakwater.bench;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.security.MessageDigest;

/**
 * One client that downloads blobs one after the other and proves each, when its clock has stopped,
 * by its digest. Holds the largest blob in memory. Used by one thread.
 */
final class Download {
  private final ByteBuffer body;

  /** For blobs of up to so many bytes. */
  Download(long largest) {
    this.body = ByteBuffer.allocateDirect(Math.toIntExact(largest));
  }

  /** Downloads by a connection of its own. */
  Timing of(Blob blob, URI server) throws IOException {
    body.clear();
    try (Clients clients = Clients.connect(server, 1)) {
      Connection connection = clients.connections().getFirst();
      connection.send("GET", blob.path(), body);
      clients.await(_ -> false);
      verify(body.flip(), blob.digest());
      return connection.timing();
    }
  }

  /** Fails unless the bytes are what the digest says. */
  static void verify(ByteBuffer bytes, String digest) {
    MessageDigest sha256 = DigestAlgorithm.SHA256.newMessageDigest();
    sha256.update(bytes);
    String found = Digest.ofHash(DigestAlgorithm.SHA256, sha256.digest()).toString();
    if (!found.equals(digest)) {
      throw new IllegalStateException("wrong bytes: asked for " + digest + ", got " + found);
    }
  }
}
