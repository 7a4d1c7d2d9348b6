package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.regex.Pattern;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;

class NamesTest {
  /** The specification's own expression; possessive where that changes no answer but the time. */
  private static final Pattern NAME =
      Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(\\/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");

  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  @Property(tries = 5000)
  void namesAreWhatTheSpecificationSays(@ForAll("nearNames") String text) {
    assertThat(RepositoryName.isValid(text)).isEqualTo(NAME.matcher(text).matches());
  }

  @Property(tries = 5000)
  void tagsAreWhatTheSpecificationSays(@ForAll("nearTags") String text) {
    assertThat(Tag.isValid(text)).isEqualTo(TAG.matcher(text).matches());
  }

  @Property
  void anyTextIsANameOrARegistryException(@ForAll String text) {
    if (!RepositoryName.isValid(text)) {
      assertThatThrownBy(() -> RepositoryName.parse(text)).isInstanceOf(RegistryException.class);
    }
    if (!Tag.isValid(text)) {
      assertThatThrownBy(() -> Tag.parse(text)).isInstanceOf(RegistryException.class);
    }
  }

  @Test
  void aNameHasAtMost255Characters() {
    assertThat(RepositoryName.isValid("a".repeat(255))).isTrue();
    assertThat(RepositoryName.isValid("a".repeat(256))).isFalse();
  }

  @Test
  void aLongAlmostNameIsRefusedInLinearTime() {
    assertThat(RepositoryName.isValid("a-".repeat(127) + "/")).isFalse();
  }

  @Test
  void aTagHasAtMost128Characters() {
    assertThat(Tag.isValid("t".repeat(128))).isTrue();
    assertThat(Tag.isValid("t".repeat(129))).isFalse();
  }

  @Test
  void aReferenceWithAColonIsADigest() {
    assertThat(Reference.parse("latest")).isEqualTo(new Tag("latest"));
    assertThatThrownBy(() -> Reference.parse("sha256:totallywrong"))
        .isInstanceOfSatisfying(
            RegistryException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.DIGEST_INVALID));
  }

  @Test
  void foreignTextIsEscapedInMessages() {
    assertThatThrownBy(() -> Tag.parse("a\r\nSet-Cookie: x\u001b[31m\"\u00e9"))
        .hasMessageContaining("\"a\\u000d\\u000aSet-Cookie: x\\u001b[31m\\\"\\u00e9\"");
    assertThat(Quoted.of("x".repeat(1000))).hasSize(165);
  }

  @Provide
  Arbitrary<String> nearNames() {
    return Arbitraries.strings().withChars("ab1._-/A").ofMaxLength(20);
  }

  @Provide
  Arbitrary<String> nearTags() {
    return Arbitraries.strings().withChars("aB1._-/:").ofMaxLength(130);
  }
}
