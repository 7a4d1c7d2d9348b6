package dev.breakwater.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SuggestionTest {
  private static final List<String> KNOWN = List.of("maxSize", "minFree", "tagTtl", "url", "ca");

  @ParameterizedTest
  @CsvSource({
    "maxsize, maxSize",
    "max_size, maxSize",
    "mniFree, minFree",
    "tagTl, tagTtl",
    "ulr, url",
    "cap, ca",
  })
  void nearWordIsSuggested(String unknown, String meant) {
    assertThat(Suggestion.nearest(unknown, KNOWN)).contains(meant);
  }

  @ParameterizedTest
  @CsvSource({"colour", "x", "proxy", "''"})
  void farWordIsNot(String unknown) {
    assertThat(Suggestion.nearest(unknown, List.of("maxSize", "tagTtl"))).isEmpty();
  }
}
