package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.DistributionRequest.Base;
import dev.breakwater.oci.DistributionRequest.BlobResource;
import dev.breakwater.oci.DistributionRequest.Catalog;
import dev.breakwater.oci.DistributionRequest.InRepository;
import dev.breakwater.oci.DistributionRequest.ManifestResource;
import dev.breakwater.oci.DistributionRequest.ReferrersResource;
import dev.breakwater.oci.DistributionRequest.Resource;
import dev.breakwater.oci.DistributionRequest.TagListResource;
import dev.breakwater.oci.DistributionRequest.UploadResource;
import dev.breakwater.oci.DistributionRequest.UploadsResource;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DistributionRequestTest {
  private static final Digest DIGEST = Digest.ofSha256(new byte[0]);

  @Test
  void everyResourceHasItsPath() {
    RepositoryName nginx = new RepositoryName("library/nginx");
    assertThat(resource("/v2/")).isEqualTo(new Base());
    assertThat(resource("/v2")).isEqualTo(new Base());
    assertThat(resource("/v2/_catalog")).isEqualTo(new Catalog());
    assertThat(resource("/v2/library/nginx/manifests/1.27"))
        .isEqualTo(new ManifestResource(nginx, new Tag("1.27")));
    assertThat(resource("/v2/library/nginx/manifests/" + DIGEST))
        .isEqualTo(new ManifestResource(nginx, DIGEST));
    assertThat(resource("/v2/library/nginx/blobs/" + DIGEST))
        .isEqualTo(new BlobResource(nginx, DIGEST));
    assertThat(resource("/v2/library/nginx/tags/list")).isEqualTo(new TagListResource(nginx));
    assertThat(resource("/v2/library/nginx/referrers/" + DIGEST))
        .isEqualTo(new ReferrersResource(nginx, DIGEST));
    assertThat(resource("/v2/library/nginx/blobs/uploads/")).isEqualTo(new UploadsResource(nginx));
    assertThat(resource("/v2/library/nginx/blobs/uploads")).isEqualTo(new UploadsResource(nginx));
    assertThat(resource("/v2/library/nginx/blobs/uploads/7f-3_a.b"))
        .isEqualTo(new UploadResource(nginx, "7f-3_a.b"));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/manifests/manifests/manifests,manifests,manifests",
    "/v2/a/blobs/uploads/b/manifests/list,a/blobs/uploads/b,list",
    "/v2/a/tags/list/manifests/tags,a/tags/list,tags",
    "/v2/v2/manifests/v2,v2,v2",
  })
  void wordsOfTheApiMayBeComponentsOfAName(String path, String name, String tag) {
    assertThat(resource(path))
        .isEqualTo(new ManifestResource(new RepositoryName(name), new Tag(tag)));
  }

  @Test
  void onePathSegmentMayStandBeforeV2() {
    DistributionRequest request =
        DistributionRequest.parse("/ghcr.io/v2/user/app/manifests/latest");
    assertThat(request.prefix()).isEqualTo("ghcr.io");
    assertThat(request.resource())
        .isEqualTo(new ManifestResource(new RepositoryName("user/app"), new Tag("latest")));
    assertThat(DistributionRequest.parse("/ghcr.io/v2/").resource()).isEqualTo(new Base());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "/",
        "/v1/",
        "/v2x/",
        "/v3/library/nginx/manifests/latest",
        "/a/b/v2/library/nginx/manifests/latest",
        "/GHCR/v2/a/manifests/b",
        "/v2/manifests/latest",
        "/v2/a/tags/",
        "/v2/a/tags/lists",
        "/v2/a/uploads/b",
        "/v2/a/blobs/uploads/b/c",
        "/v2/a/b",
        "//v2/a/manifests/b",
      })
  void otherPathsAreNotPartOfTheApi(String path) {
    assertThatThrownBy(() -> DistributionRequest.parse(path))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.PATH_UNKNOWN));
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/../../etc/passwd/manifests/x,NAME_INVALID",
    "/v2/a//b/manifests/x,NAME_INVALID",
    "/v2/A/manifests/x,NAME_INVALID",
    "/v2/%2e%2e/manifests/x,NAME_INVALID",
    "/v2/a/manifests/.INVALID_MANIFEST_NAME,MANIFEST_UNKNOWN",
    "/v2/a/manifests/,MANIFEST_UNKNOWN",
    "/v2/a/manifests/sha256:bad,DIGEST_INVALID",
    "/v2/a/blobs/sha256:bad,DIGEST_INVALID",
    "/v2/a/blobs/latest,DIGEST_INVALID",
    "/v2/a/referrers/latest,DIGEST_INVALID",
    "/v2/a/blobs/uploads/a%20b,BLOB_UPLOAD_UNKNOWN",
  })
  void whatBreaksAGrammarIsNamed(String path, ErrorCode code) {
    assertThatThrownBy(() -> DistributionRequest.parse(path))
        .isInstanceOfSatisfying(RegistryException.class, e -> assertThat(e.code()).isEqualTo(code));
  }

  @Property(tries = 5000)
  void anyPathIsARequestOrAClientError(@ForAll("paths") String path) {
    try {
      DistributionRequest request = DistributionRequest.parse(path);
      if (request.resource() instanceof InRepository inRepository) {
        assertThat(path).contains(inRepository.name().value());
      }
    } catch (RegistryException e) {
      assertThat(e.code().status()).isBetween(400, 499);
    }
  }

  @Provide
  Arbitrary<String> paths() {
    return Arbitraries.of(
            "v2",
            "a",
            "library",
            "manifests",
            "blobs",
            "tags",
            "list",
            "uploads",
            "referrers",
            "..",
            "",
            "_catalog",
            "%2f",
            "sha256:x",
            DIGEST.toString(),
            "latest",
            "\u0000")
        .list()
        .ofMaxSize(7)
        .map(parts -> "/" + String.join("/", parts));
  }

  private static Resource resource(String path) {
    return DistributionRequest.parse(path).resource();
  }
}
