package dev.breakwater.http;

import static org.assertj.core.api.Assertions.assertThat;

import dev.breakwater.oci.Digest;
import io.vertx.core.MultiMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {
  private static final String TAG = EntityTags.of(Digest.ofSha256(new byte[0]));

  private static MultiMap with(CharSequence name, String... values) {
    MultiMap headers = MultiMap.caseInsensitiveMultiMap();
    for (String value : values) {
      headers.add(name, value.replace("TAG", TAG));
    }
    return headers;
  }

  @Test
  void tagIsTheQuotedDigest() {
    assertThat(TAG).matches("\"sha256:[0-9a-f]{64}\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"TAG", "W/TAG", "*", "\"x\", TAG", "\"x\",W/TAG ,\"y\"", " TAG "})
  void ifNoneMatchNamesTheTag(String value) {
    assertThat(EntityTags.noneMatchNames(with(Fields.IF_NONE_MATCH, value), TAG)).isTrue();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "\"x\"", "w/TAG", "TAGx", "xTAG", "**", ",", "W/"})
  void ifNoneMatchNamesAnother(String value) {
    assertThat(EntityTags.noneMatchNames(with(Fields.IF_NONE_MATCH, value), TAG)).isFalse();
  }

  @Test
  void everyLineOfIfNoneMatchCounts() {
    assertThat(EntityTags.noneMatchNames(with(Fields.IF_NONE_MATCH, "\"x\"", "TAG"), TAG)).isTrue();
    assertThat(EntityTags.noneMatchNames(with(Fields.IF_NONE_MATCH), TAG)).isFalse();
  }

  @Test
  void rangeHoldsWithoutAConditionAndWithTheStrongTagOnly() {
    assertThat(EntityTags.rangeHolds(with(Fields.IF_RANGE), TAG)).isTrue();
    assertThat(EntityTags.rangeHolds(with(Fields.IF_RANGE, " TAG "), TAG)).isTrue();
    assertThat(EntityTags.rangeHolds(with(Fields.IF_RANGE, "W/TAG"), TAG)).isFalse();
    assertThat(EntityTags.rangeHolds(with(Fields.IF_RANGE, "*"), TAG)).isFalse();
    assertThat(EntityTags.rangeHolds(with(Fields.IF_RANGE, "Sat, 21 Nov 2026 07:28:00 GMT"), TAG))
        .as("there is no Last-Modified to compare a date with")
        .isFalse();
  }
}
