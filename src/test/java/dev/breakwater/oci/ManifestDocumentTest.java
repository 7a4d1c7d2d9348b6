package dev.breakwater.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.Collections;
import java.util.stream.Stream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ManifestDocumentTest {
  private static final String D = Digest.ofSha256(new byte[0]).toString();
  private static final String CONFIG = descriptor("application/vnd.oci.image.config.v1+json", 7);
  private static final String LAYER = descriptor("application/vnd.oci.image.layer.v1.tar+gzip", 9);

  @Test
  void anImageNamesItsConfigAndLayers() {
    ManifestDocument image =
        image("{'schemaVersion':2,'config':" + CONFIG + ",'layers':[" + LAYER + "," + LAYER + "]}");
    assertThat(image.blobs()).hasSize(3);
    assertThat(image.config().orElseThrow().size()).isEqualTo(7);
    assertThat(image.layers().get(1).size()).isEqualTo(9);
  }

  @Test
  void anIndexNamesItsChildrenWithTheirPlatforms() {
    ManifestDocument index =
        index(
            "{'manifests':[{'mediaType':'application/vnd.oci.image.manifest.v1+json','digest':'"
                + D
                + "','size':3,'platform':{'os':'linux','architecture':'arm','variant':'v7'}}]}");
    assertThat(index.manifests().getFirst().platform()).isEqualTo("linux/arm/v7");
    assertThat(index.blobs()).isEmpty();
  }

  @Test
  void foreignLayersNeedNotBeHere() {
    String foreign =
        "{'mediaType':'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip','digest':'"
            + D
            + "','size':1}";
    String withUrls =
        "{'mediaType':'application/vnd.oci.image.layer.v1.tar','digest':'"
            + D
            + "','size':1,'urls':['http://169.254.169.254/']}";
    ManifestDocument image =
        image("{'config':" + CONFIG + ",'layers':[" + foreign + "," + withUrls + "]}");
    assertThat(image.blobs()).hasSize(1);
  }

  @Test
  void unknownFieldsAndArtifactsAreWelcome() {
    ManifestDocument artifact =
        image(
            "{'artifactType':'x/y','config':"
                + CONFIG
                + ",'layers':[],'subject':"
                + descriptor("application/vnd.oci.image.manifest.v1+json", 5)
                + ",'future':{'a':[1]}}");
    assertThat(artifact.subject().orElseThrow().size()).isEqualTo(5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "[]",
        "null",
        "<html>",
        "{",
        "{} {}",
        "{'layers':[],'manifests':[]}",
        "{'config':null,'manifests':[]}",
        "{'manifests':[]}",
        "{'mediaType':'application/vnd.oci.image.index.v1+json'}",
        "{'layers':{}}",
        "{'layers':[{}]}",
        "{'layers':[{'mediaType':'a/b','digest':'sha256:x','size':1}]}",
        "{'layers':[],'layers':[]}",
        "{'fsLayers':[],'manifests':[]}",
      })
  void whatIsNoImageManifestIsRefused(String json) {
    assertInvalid(MediaType.OCI_MANIFEST, json);
  }

  @Test
  void anImageAnnouncedAsAnIndexIsRefused() {
    assertInvalid(MediaType.OCI_INDEX, "{'config':" + CONFIG + ",'layers':[]}");
  }

  @Test
  void negativeAndHugeSizesAreRefused() {
    assertInvalid(MediaType.OCI_MANIFEST, "{'layers':[" + descriptor("a/b", -1) + "]}");
    assertInvalid(
        MediaType.OCI_MANIFEST, "{'layers':[" + LAYER.replace("'size':9", "'size':1e400") + "]}");
  }

  @Test
  void tooManyLayersAndTooDeepNestingAreRefused() {
    String layers = String.join(",", Collections.nCopies(1001, LAYER));
    assertInvalid(MediaType.OCI_MANIFEST, "{'layers':[" + layers + "]}");
    assertInvalid(MediaType.OCI_MANIFEST, "{'x':" + "[".repeat(100) + "]".repeat(100) + "}");
  }

  @Test
  void otherMediaTypesAreNoManifests() {
    assertInvalid(MediaType.parse("text/html; charset=utf-8"), "{}");
    assertInvalid(MediaType.parse("application/json"), "{}");
    assertInvalid(
        MediaType.parse("application/vnd.docker.distribution.manifest.v1+prettyjws"), "{}");
  }

  @Test
  void anOversizedManifestIsRefusedUnread() {
    assertThatThrownBy(
            () -> ManifestDocument.parse(MediaType.OCI_MANIFEST, new byte[Manifest.MAX_SIZE + 1]))
        .hasMessageContaining("larger than 4194304 bytes");
  }

  static Stream<String> documentsOfManyValues() {
    String head = "{\"schemaVersion\":2,\"layers\":[],\"x\":";
    int room = Manifest.MAX_SIZE - 1000;
    StringBuilder names = new StringBuilder("{\"n0\":0");
    for (int i = 1; names.length() < room - 100; i++) {
      names.append(",\"n").append(i).append("\":0");
    }
    String longNames = names.toString().replace("n", "n".repeat(24));
    return Stream.of(
        head + "[{}" + ",{}".repeat((room - 100) / 3) + "]}",
        head + names + "}}",
        head + longNames.substring(0, longNames.lastIndexOf(',', room)) + "}}",
        head + "[[]" + ",[[[[[[0]]]]]]".repeat((room - 100) / 14) + "]}",
        head + "[0.1" + ",1e999".repeat((room - 100) / 6) + "]}",
        head + "\"" + "y".repeat(room - 100) + "\"}",
        head + "[\"\"" + ",\"\\u00e9\"".repeat((room - 100) / 9) + "]}",
        // Within all limits.
        head + "[{}" + ",{\"name\":\"1234567890123456\"}".repeat(95_000) + "]}");
  }

  @ParameterizedTest
  @MethodSource("documentsOfManyValues")
  void hostileDocumentCostsLittleMemory(String json) {
    byte[] bytes = json.getBytes(UTF_8);
    assertThat(bytes).hasSizeLessThanOrEqualTo(Manifest.MAX_SIZE);
    long allocated = allocatedBy(() -> ManifestDocument.parse(MediaType.OCI_MANIFEST, bytes));
    assertThat(allocated).isLessThan(32L << 20);
  }

  /** Of this thread; what the work throws is of no interest here. */
  private static long allocatedBy(Runnable work) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    try {
      work.run();
    } catch (RegistryException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
    return threads.getCurrentThreadAllocatedBytes() - before;
  }

  @Test
  void documentOfMoreValuesThanTheLimitIsRefused() {
    String values = "0,".repeat(JsonReader.MAX_TOKENS);
    assertInvalid(MediaType.OCI_MANIFEST, "{'layers':[],'x':[" + values + "0]}");
  }

  @Test
  void bytesThatAreNotUtf8AreRefused() {
    byte[] bytes = "{\"layers\":[],\"x\":\"?\"}".getBytes(UTF_8);
    bytes[18] = (byte) 0xff;
    assertThatThrownBy(() -> ManifestDocument.parse(MediaType.OCI_MANIFEST, bytes))
        .isInstanceOf(RegistryException.class);
  }

  @Test
  void fieldThatIsThereTwiceIsRefusedInADescriptorToo() {
    assertInvalid(
        MediaType.OCI_MANIFEST,
        "{'layers':[" + LAYER.replace("'size':9", "'size':9,'size':10") + "]}");
  }

  @Property
  void anyBytesAreAManifestOrARegistryException(@ForAll byte[] bytes) {
    try {
      assertThat(ManifestDocument.parse(MediaType.OCI_MANIFEST, bytes)).isNotNull();
    } catch (RegistryException e) {
      assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
  }

  private static void assertInvalid(MediaType type, String json) {
    assertThatThrownBy(() -> parse(type, json))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.MANIFEST_INVALID))
        .hasMessageStartingWith("manifest is not valid: ");
  }

  private static ManifestDocument image(String json) {
    return parse(MediaType.OCI_MANIFEST, json);
  }

  private static ManifestDocument index(String json) {
    return parse(MediaType.OCI_INDEX, json);
  }

  private static ManifestDocument parse(MediaType type, String json) {
    return ManifestDocument.parse(type, json.replace('\'', '"').getBytes(UTF_8));
  }

  private static String descriptor(String mediaType, long size) {
    return "{'mediaType':'" + mediaType + "','digest':'" + D + "','size':" + size + "}";
  }
}
