package dev.breakwater.testing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.Descriptor;
import dev.breakwater.oci.Digest;
import dev.breakwater.oci.ManifestDocument;
import dev.breakwater.oci.MediaType;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TestImageTest {
  @Test
  void generatedBytesAreTheSameFromEveryOffset() {
    Content content = Content.generated(42, 100_003);
    byte[] whole = content.bytes();
    Random random = new Random(1);
    for (int i = 0; i < 1_000; i++) {
      int from = random.nextInt(whole.length);
      int length = random.nextInt(Math.min(300, whole.length - from) + 1);
      assertThat(content.bytes(from, length))
          .isEqualTo(java.util.Arrays.copyOfRange(whole, from, from + length));
    }
    assertThat(content.digest()).isEqualTo(Digest.ofSha256(whole));
  }

  @Test
  void seedsGiveDifferentBytes() {
    assertThat(Content.generated(1, 1_000).digest())
        .isNotEqualTo(Content.generated(2, 1_000).digest())
        .isEqualTo(Content.generated(1, 1_000).digest());
  }

  @Test
  void contentIsNotReadBeyondItsEnd() {
    assertThatThrownBy(() -> Content.generated(1, 10).bytes(5, 6))
        .isInstanceOf(IndexOutOfBoundsException.class);
  }

  @Test
  void tarCanBeUnpacked() throws Exception {
    Content file = Content.generated(3, 1_234_567);
    Content archive = Content.tar("layer.bin", file);
    Process tar = new ProcessBuilder("tar", "-xOf", "-", "layer.bin").start();
    Thread feeder =
        Thread.ofVirtual()
            .start(
                () -> {
                  try (var in = tar.getOutputStream()) {
                    in.write(archive.bytes());
                  } catch (java.io.IOException e) {
                    throw new java.io.UncheckedIOException(e);
                  }
                });
    byte[] unpacked = tar.getInputStream().readAllBytes();
    feeder.join();
    assertThat(tar.waitFor()).isZero();
    assertThat(Digest.ofSha256(unpacked)).isEqualTo(file.digest());
  }

  @Test
  void tarIsTheSameFromEveryOffset() {
    Content archive = Content.tar("a", Content.generated(1, 700));
    byte[] whole = archive.bytes();
    assertThat(whole.length % 512).isZero();
    for (int from = 0; from < whole.length; from += 101) {
      assertThat(archive.bytes(from, whole.length - from))
          .isEqualTo(java.util.Arrays.copyOfRange(whole, from, whole.length));
    }
  }

  @Test
  void manifestsDescribeTheirBlobs() {
    for (ImageBuilder builder : new ImageBuilder[] {TestImage.docker(), TestImage.oci()}) {
      TestImage image = builder.layer(1_000).zstd().layers(2, 500).tarLayer(10).build();
      ManifestDocument document = document(image);
      assertThat(document.blobs()).hasSize(5);
      assertThat(document.blobs())
          .extracting(Descriptor::digest)
          .containsExactlyElementsOf(image.blobs().keySet());
      assertThat(document.blobs())
          .extracting(Descriptor::size)
          .containsExactlyElementsOf(image.blobs().values().stream().map(Content::size).toList());
    }
  }

  @Test
  void indexesDescribeTheirImages() {
    TestImage amd64 = TestImage.oci().seed(1).layer(10).build();
    TestImage arm = TestImage.oci().seed(2).platform("linux/arm/v7").layer(10).build();
    for (TestImage index :
        new TestImage[] {TestImage.ociIndex(amd64, arm), TestImage.dockerList(amd64, arm)}) {
      ManifestDocument document = document(index);
      assertThat(document.manifests())
          .extracting(Descriptor::platform)
          .containsExactly("linux/amd64", "linux/arm/v7");
      assertThat(document.manifests())
          .extracting(Descriptor::digest)
          .containsExactly(amd64.digest(), arm.digest());
    }
  }

  @Test
  void foreignLayersAreDescribedButNotHeld() {
    Content layer = Content.of("foreign");
    TestImage image = TestImage.docker().foreignLayer(layer, "http://elsewhere/x").build();
    assertThat(image.blobs()).doesNotContainKey(layer.digest());
    assertThat(document(image).layers().getLast().external()).isTrue();
  }

  @Test
  void artifactsNameTheirSubject() {
    TestImage image = TestImage.oci().layer(10).build();
    TestImage signature =
        TestImage.oci()
            .subject(image)
            .artifactType("application/vnd.example.signature")
            .annotation("who", "me \"myself\"")
            .build();
    assertThat(signature.subject()).contains(image.digest());
    assertThat(document(signature).subject())
        .hasValueSatisfying(s -> assertThat(s.digest()).isEqualTo(image.digest()));
    assertThat(signature.mediaType()).isEqualTo(MediaType.OCI_MANIFEST);
  }

  private static ManifestDocument document(TestImage image) {
    return ManifestDocument.parse(image.mediaType(), image.manifest().bytes());
  }
}
