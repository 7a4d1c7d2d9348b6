package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.ZoneName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Who may read what is mirrored of an upstream, as the file and the environment say it. */
class UpstreamAccessTest {
  private static final UpstreamAccess NAMED =
      new UpstreamAccess(UpstreamAccess.Kind.NAMED, Set.of("alice", "bob"), Set.of("builders"));

  private static UpstreamAccess file(String access) {
    return access(Loading.file("upstreams: {a.b: {" + access + "}}").config());
  }

  private static UpstreamAccess access(Config config) {
    return config.upstreams().get(new ZoneName("a.b")).access().readers();
  }

  @Test
  void wordOrListOfUsersAndGroupsIsRead() {
    assertThat(file("")).isEqualTo(UpstreamAccess.ANONYMOUS);
    assertThat(file("access: anonymous")).isEqualTo(UpstreamAccess.ANONYMOUS);
    assertThat(file("access: authenticated").kind()).isEqualTo(UpstreamAccess.Kind.AUTHENTICATED);
    assertThat(file("access: [alice, '@builders', bob]")).isEqualTo(NAMED);
    assertThat(file("access: [all]").users()).containsExactly("all");
  }

  @Test
  void variableIsReadInTheSameWay() {
    Map<String, String> environment =
        Map.of(
            "BREAKWATER_UPSTREAMS_A_NAME", "a.b",
            "BREAKWATER_UPSTREAMS_A_ACCESS", "alice, @builders,bob");
    assertThat(access(Loading.environment(environment).config())).isEqualTo(NAMED);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "all | \"all\" is not one of anonymous, authenticated; if it is meant as a list, write []",
        "'@builders' | \"@builders\" is not one of anonymous, authenticated;",
        "[] | the list is empty, so that no client could read; name users or @groups",
        "[alice, '@'] | \"@\" names no user or group; write a user's name, or @ and a group's name",
        "['@@x'] | \"@@x\" names no user or group",
        "['']| \"\" names no user or group",
        "['al ice'] | \"al ice\" names no user or group",
        "['a:b'] | \"a:b\" names no user or group",
        "[alice, anonymous] | \"anonymous\" must stand alone",
        "[authenticated, alice] | \"authenticated\" must stand alone",
        "{} | expected one value",
      })
  void whatIsNeitherIsAnError(String access, String message) {
    String yaml = access.startsWith("@") ? "'" + access + "'" : access;
    assertThat(Loading.errorOfFile("upstreams: {a.b: {access: " + yaml + "}}"))
        .startsWith("test.yaml line 1: upstreams.a.b.access: " + message);
  }

  @Test
  void defaultIsShownAsTheWord() {
    assertThat(UpstreamKeys.ACCESS.words()).isEqualTo(List.of("anonymous", "authenticated"));
    assertThat(UpstreamKeys.ACCESS.defaultText()).isEqualTo("anonymous");
  }
}
