package dev.breakwater.oci;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ReferrersIndexTest {
  private static final String INDEX = "\"mediaType\":\"application/vnd.oci.image.index.v1+json\"";

  private static Digest digest(int n) {
    return Digest.parse("sha256:" + Integer.toString(n).repeat(64));
  }

  private static String entry(int n, String type) {
    return "{\"mediaType\":\"application/vnd.oci.image.manifest.v1+json\",\"digest\":\""
        + digest(n)
        + "\",\"size\":7,\"artifactType\":\""
        + type
        + "\",\"annotations\":{\"n\":\"é"
        + n
        + "\"}}";
  }

  private static ReferrersIndex page(String... entries) {
    String text =
        "{\"schemaVersion\":2," + INDEX + ",\"manifests\":[" + String.join(",", entries) + "]}";
    return ReferrersIndex.parse(text.getBytes(UTF_8)).orElseThrow();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "<html>",
        "{}",
        "[]",
        "null",
        "{\"errors\":[]}",
        "{\"manifests\":7}",
        "{\"manifests\":{}}",
        "{\"manifests\":[],\"manifests\":[]}",
        "{\"manifests\":[]}x",
        "{\"manifests\":[],\"layers\":[]}",
        "{\"mediaType\":\"application/vnd.docker.distribution.manifest.list.v2+json\","
            + "\"manifests\":[]}"
      })
  void foreignContentIsNotAnIndex(String text) {
    assertThat(ReferrersIndex.parse(text.getBytes(UTF_8))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"schemaVersion\":2," + INDEX + ",\"manifests\":[]}",
        "{\"schemaVersion\":2,\"manifests\":null}",
        "{\"manifests\":[7,{},{\"digest\":\"x\"}]}"
      })
  void listingWithoutDescriptorsIsEmpty(String text) {
    assertThat(ReferrersIndex.parse(text.getBytes(UTF_8)).orElseThrow().isEmpty()).isTrue();
  }

  @Test
  void pagesAreMergedInOrderAndNoDigestIsListedTwice() {
    ReferrersIndex all =
        page(entry(1, "a"), entry(2, "b")).with(page(entry(2, "b"), entry(3, "a")));
    assertThat(all.digests()).containsExactly(digest(1), digest(2), digest(3));
    assertThat(all.ofType("a").digests()).containsExactly(digest(1), digest(3));
    assertThat(all.ofType("c").isEmpty()).isTrue();
  }

  @Test
  void writesAnImageIndexWithEveryFieldOfTheDescriptors() {
    byte[] bytes = page(entry(1, "a")).toBytes();
    assertThat(bytes)
        .asString(UTF_8)
        .isEqualTo("{\"schemaVersion\":2," + INDEX + ",\"manifests\":[" + entry(1, "a") + "]}");
    assertThat(ManifestDocument.parse(MediaType.OCI_INDEX, bytes).manifests()).hasSize(1);
    assertThat(
            ManifestDocument.parse(MediaType.OCI_INDEX, ReferrersIndex.EMPTY.toBytes()).manifests())
        .isEmpty();
  }

  @Test
  void unknownFieldsOfADescriptorAreKeptAsText() {
    String entry =
        entry(1, "a").replace("\"size\":7", "\"size\" : 7, \"x\":[{\"y\":[1.50]},\"\\u00e9\"]");
    assertThat(page(entry(2, "é"), entry).toBytes())
        .asString(UTF_8)
        .contains("[" + entry(2, "é") + "," + entry + "]");
  }

  @Test
  void hostileDescriptorsCostLittleMemory() {
    String start = entry(1, "a").replace("}}", "},\"x\":[{}");
    String hostile = start + ",{}".repeat(190_000) + "]}";
    byte[] bytes = ("{\"manifests\":[" + hostile + "]}").getBytes(UTF_8);
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    assertThat(ReferrersIndex.parse(bytes).orElseThrow().digests()).hasSize(1);
    assertThat(threads.getCurrentThreadAllocatedBytes() - before).isLessThan(16L << 20);
  }
}
