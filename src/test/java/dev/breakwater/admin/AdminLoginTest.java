package dev.breakwater.admin;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AdminLoginTest {
  private static final String ONE = "0123456789abcdef0123456789abcdef";
  private static final String OTHER = "fedcba9876543210:with:colons";
  private static final AdminLogin LOGIN = new AdminLogin(List.of(ONE, OTHER));

  private static String basic(String pair) {
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(UTF_8));
  }

  @Test
  void eachTokenIsTakenAsBearerAndAsPassword() {
    for (String token : List.of(ONE, OTHER)) {
      assertThat(LOGIN.admits(List.of("Bearer " + token))).isTrue();
      assertThat(LOGIN.admits(List.of("bearer   " + token))).isTrue();
      assertThat(LOGIN.admits(List.of(basic("admin:" + token)))).isTrue();
      assertThat(LOGIN.admits(List.of(basic(":" + token)))).isTrue();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "Bearer",
        "Bearer ",
        "Basic",
        "Basic ",
        "Basic !!!!",
        "Basic bm9jb2xvbg==",
        "Digest " + ONE,
        ONE,
        "Bearer " + ONE + "0",
        "Bearer 0123456789abcdef0123456789abcde",
        "Bearer " + ONE + " " + ONE,
        "Bearer\t" + ONE
      })
  void everythingElseIsRefused(String authorization) {
    assertThat(LOGIN.admits(List.of(authorization))).isFalse();
  }

  @Test
  void passwordMustBeTheWholeToken() {
    assertThat(LOGIN.admits(List.of(basic(ONE + ":")))).isFalse();
    assertThat(LOGIN.admits(List.of(basic("admin:" + ONE + "\n")))).isFalse();
    assertThat(LOGIN.admits(List.of(basic("admin")))).isFalse();
  }

  @Test
  void thereMustBeOneField() {
    assertThat(LOGIN.admits(List.of())).isFalse();
    assertThat(LOGIN.admits(List.of("Bearer " + ONE, "Bearer " + ONE))).isFalse();
  }

  @Test
  void shortTokenIsNoLogin() {
    assertThatThrownBy(() -> new AdminLogin(List.of("short")))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new AdminLogin(List.of("")))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
