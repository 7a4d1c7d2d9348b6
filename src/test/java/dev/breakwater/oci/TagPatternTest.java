package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TagPatternTest {
  @ParameterizedTest
  @CsvSource({
    "*:latest, library/nginx, latest, true",
    "*:latest, a/b/c, latest, true",
    "*:latest, library/nginx, latest-1, false",
    "*:v[0-9]*, library/nginx, v1.2.3, true",
    "*:v[0-9]*, library/nginx, vnext, false",
    "library/*:1.27, library/nginx, 1.27, true",
    "library/*:1.27, library/nginx, 1x27, false",
    "library/*:1.27, team/nginx, 1.27, false",
    "team/app:?, team/app, 7, true",
    "team/app:?, team/app, 77, false",
    "*:[a-cx]1, team/app, x1, true",
    "*:[a-cx]1, team/app, d1, false",
    "**:***, team/app, anything, true",
    "*:*-rc, team/app, 1-rc, true"
  })
  void tagsAreMatchedAsAWhole(String pattern, String repository, String tag, boolean matches) {
    assertThat(TagPattern.parse(pattern).matches(RepositoryName.parse(repository), Tag.parse(tag)))
        .isEqualTo(matches);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", ":", "latest", "*:", ":latest", "A:x", "*:a b", "*:(a)", "*:^a", "*:a:b", "*:\\d"
      })
  void whatIsNoPatternIsRefused(String text) {
    assertThatThrownBy(() -> TagPattern.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(Quoted.of(text) + " is not a pattern of tags");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "*:[", "*:]", "*:[]", "*:[^a]", "*:a[0-9", "*:[[a]]", "*:[-a]", "*:[a-]", "*:[9-0]",
        "*:[a-Z]"
      })
  void bracketsThatMeanNothingAreRefused(String text) {
    assertThatThrownBy(() -> TagPattern.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(Quoted.of(text));
  }

  @Test
  void manyStarsCostNoTime() {
    TagPattern pattern = TagPattern.parse("*".repeat(100) + ":" + "*".repeat(100) + "x");
    assertThat(pattern.matches(RepositoryName.parse("a/b"), Tag.parse("a".repeat(128)))).isFalse();
  }

  @Test
  void patternsOfOneTextAreEqual() {
    assertThat(TagPattern.parse("*:latest"))
        .isEqualTo(TagPattern.parse("*:latest"))
        .hasSameHashCodeAs(TagPattern.parse("*:latest"))
        .hasToString("*:latest")
        .isNotEqualTo(TagPattern.parse("*:1"));
  }
}
