package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigestTest {
  private static final String EMPTY =
      "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

  @Test
  void knownContentHasItsKnownDigest() {
    assertThat(Digest.ofSha256(new byte[0])).hasToString(EMPTY);
    assertThat(
            Digest.of(DigestAlgorithm.SHA512, "abc".getBytes(StandardCharsets.US_ASCII)).toString())
        .startsWith("sha512:ddaf35a193617abacc417349ae204131");
  }

  @Property
  void everyDigestSurvivesPrintingAndParsing(
      @ForAll DigestAlgorithm algorithm, @ForAll byte[] content) {
    Digest digest = Digest.of(algorithm, content);
    assertThat(Digest.parse(digest.toString())).isEqualTo(digest);
    assertThat(Digest.ofHash(algorithm, digest.hash())).isEqualTo(digest);
    assertThat(Reference.parse(digest.toString())).isEqualTo(digest);
  }

  @Property
  void anyTextIsADigestOrARegistryException(@ForAll String text) {
    assertThat(Digest.tryParse(text).map(Digest::toString).orElse(text)).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "sha256",
        "sha256:",
        "sha256:abc",
        ":e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "md5:d41d8cd98f00b204e9800998ecf8427e",
        "SHA256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:E3B0C44298FC1C149AFBF4C8996FB92427AE41E4649B934CA495991B7852B855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b85/",
        "sha256:../../../../../../../../../../../../../../../../../etc/passwd0000",
        "sha512:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n",
      })
  void whatIsNoDigestIsRefusedByName(String text) {
    assertThatThrownBy(() -> Digest.parse(text))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_INVALID))
        .hasMessageContaining("is not valid")
        .hasMessageNotContaining("\n");
  }
}
