package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RepositoryPatternTest {
  @ParameterizedTest
  @CsvSource({
    "*, team/app, true",
    "team/*, team/app, true",
    "team/*, team/a/b, true",
    "team/*, team, false",
    "team/*, teams/app, false",
    "team/app, team/app, true",
    "team/app, team/app-2, false",
    "app, team/app, false",
    "t??m/app, team/app, true",
    "team/app[0-9], team/app7, true",
    "team/app[0-9], team/app, false",
    "a.b/c, axb/c, false",
    "nginx, library/nginx, false"
  })
  void nameIsMatchedAsAWhole(String pattern, String repository, boolean matches) {
    assertThat(matches(pattern, "ghcr.io", repository)).isEqualTo(matches);
  }

  @ParameterizedTest
  @CsvSource({
    "nginx, library/nginx, true",
    "nginx, nginx/nginx, false",
    "ngin?, library/nginx, true",
    "library/*, library/nginx, true",
    "library/*, team/app, false",
    "*/nginx, library/nginx, true"
  })
  void officialImageOfDockerHubHasTwoNames(String pattern, String repository, boolean matches) {
    assertThat(matches(pattern, "docker.io", repository)).isEqualTo(matches);
  }

  private static boolean matches(String pattern, String zone, String repository) {
    return RepositoryPattern.parse(pattern)
        .matches(new ZoneName(zone), new RepositoryName(repository));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Team/app",
        "app:latest",
        "a b",
        "^a",
        "/a",
        "a/",
        "a//b",
        "a[",
        "a]",
        "a[]",
        "[9-0]",
        "a[z-b]"
      })
  void whatMatchesNothingIsRefused(String text) {
    assertThatThrownBy(() -> RepositoryPattern.parse(text))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageStartingWith(Quoted.of(text))
        .hasMessageContaining("library/*");
  }

  @Test
  @Timeout(value = 60, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void manyStarsCostNoMoreThanTheLengthsMultiplied() {
    String name = "a".repeat(RepositoryName.MAX_LENGTH);

    assertThat(matches("*a".repeat(120) + "*b", "ghcr.io", name)).isFalse();
    assertThat(matches("*a".repeat(120) + "*", "ghcr.io", name)).isTrue();
  }

  @Test
  void patternsOfOneTextAreEqual() {
    assertThat(RepositoryPattern.parse("a/*"))
        .isEqualTo(RepositoryPattern.parse("a/*"))
        .hasSameHashCodeAs(RepositoryPattern.parse("a/*"))
        .isNotEqualTo(RepositoryPattern.parse("a/**"))
        .hasToString("a/*");
  }
}
