package dev.breakwater.index;

import dev.breakwater.oci.Digest;
import dev.breakwater.oci.DigestAlgorithm;
import dev.breakwater.oci.Manifest;
import dev.breakwater.oci.MediaType;
import dev.breakwater.oci.RepositoryName;
import dev.breakwater.oci.Tag;
import dev.breakwater.oci.ZoneName;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Names and facts for tests. Many of the names are prefixes of one another. */
final class Samples {
  static final ZoneName ZONE = new ZoneName("docker.io");
  static final RepositoryName REPOSITORY = new RepositoryName("library/nginx");
  static final Tag LATEST = new Tag("latest");

  static final List<ZoneName> ZONES =
      List.of(ZONE, new ZoneName("docker.i"), new ZoneName("docker.io.example"));
  static final List<RepositoryName> REPOSITORIES =
      List.of(
          new RepositoryName("library"),
          REPOSITORY,
          new RepositoryName("library/nginx/nginx"),
          new RepositoryName("library/nginx-1"));
  static final List<Tag> TAGS =
      List.of(new Tag("1"), new Tag("1.2"), new Tag("1-2"), new Tag("10"), new Tag("Z"), LATEST);
  static final List<String> ARTIFACT_TYPES = List.of("", "a", "a/b", "ä\ud800\0");
  static final List<Digest> DIGESTS =
      List.of(digest(1), digest(2), Digest.of(DigestAlgorithm.SHA512, new byte[] {1}));

  private Samples() {}

  static Digest digest(int number) {
    return Digest.ofSha256(bytes("content " + number));
  }

  static TagRecord tag(int number) {
    return new TagRecord(digest(number), MediaType.OCI_INDEX, number, 1_700_000_000_000L + number);
  }

  static BlobRecord blob(int number) {
    return new BlobRecord(number, 1_700_000_000_000L + number);
  }

  static LinkRecord link(int number) {
    return new LinkRecord(MediaType.OCTET_STREAM, number);
  }

  static Manifest manifest(int number) {
    byte[] bytes = bytes("{\"manifest\":" + number + "}");
    return new Manifest(Digest.ofSha256(bytes), MediaType.OCI_MANIFEST, bytes);
  }

  static ReferrersRecord referrers(int number) {
    return new ReferrersRecord(bytes("{\"manifests\":" + number + "}"), number % 2 == 0, number);
  }

  static UsageRecord usage(int number) {
    return new UsageRecord(1_700_000_000_000L + number, number + 0.5);
  }

  static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
