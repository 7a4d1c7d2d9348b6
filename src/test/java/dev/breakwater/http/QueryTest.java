package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.breakwater.oci.ErrorCode;
import dev.breakwater.oci.RegistryException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class QueryTest {
  @Test
  void parametersAreDecodedAsFormsAre() {
    Query query = Query.of("/v2/?artifactType=a%2Fb%2Bjson&x=a+b&flag&empty=&&ns=docker.io");

    assertThat(query.single("artifactType")).contains("a/b+json");
    assertThat(query.single("x")).contains("a b");
    assertThat(query.single("flag")).contains("");
    assertThat(query.single("empty")).contains("");
    assertThat(query.single("ns")).contains("docker.io");
    assertThat(query.single("none")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/v2/", "/v2/?", "/v2/?&&"})
  void targetWithoutParametersHasNone(String target) {
    assertThat(Query.of(target).single("ns")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"?a=%", "?a=%4", "?a=%4&b=1", "?a=%zz", "?%=1", "?a=%ff", "?a=%c3%28"})
  void malformedEncodingIsRefused(String target) {
    assertThatThrownBy(() -> Query.of(target))
        .isInstanceOfSatisfying(
            RegistryException.class,
            e -> assertThat(e.code()).isEqualTo(ErrorCode.REQUEST_INVALID));
  }

  @Test
  void repetitionIsRefusedOnlyWhereOneIsAsked() {
    Query query = Query.of("/?ns=a&ns=b");

    assertThat(query.all("ns")).containsExactly("a", "b");
    assertThatThrownBy(() -> query.single("ns")).isInstanceOf(RegistryException.class);
  }

  @Test
  void numberOfParametersIsBounded() {
    assertThatThrownBy(() -> Query.of("/?" + "a&".repeat(65)))
        .isInstanceOf(RegistryException.class);
  }

  @Property
  void whatAFormEncodesComesBack(@ForAll String value) {
    // A lone surrogate has no encoding; URLEncoder writes '?' for it.
    String expected = new String(value.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
    assertThat(Query.of("/?v=" + URLEncoder.encode(value, StandardCharsets.UTF_8)).single("v"))
        .contains(expected);
  }
}
