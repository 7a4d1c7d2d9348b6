package dev.breakwater.oci;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class FailureCauseTest {
  private static final String BEGIN = "<!-- causes:begin -->";
  private static final String END = "<!-- causes:end -->";

  @ParameterizedTest
  @EnumSource(FailureCause.class)
  void wordIsKebabCaseAndPhraseIsShortPrintableAscii(FailureCause cause) {
    assertThat(cause.word()).matches("[a-z0-9]+(-[a-z0-9]+)*").hasSizeLessThanOrEqualTo(20);
    assertThat(cause.phrase()).matches("[ -~]+").hasSizeLessThanOrEqualTo(60);
  }

  @Test
  void whatIsMerelyAbsentIsNoError() {
    assertThat(
            List.of(
                FailureCause.UPSTREAM_401,
                FailureCause.UPSTREAM_403,
                FailureCause.UPSTREAM_404,
                FailureCause.OFFLINE,
                FailureCause.UNKNOWN_REGISTRY,
                FailureCause.NOT_FOUND_LOCALLY))
        .extracting(FailureCause::cacheResult)
        .doesNotContain(CacheResult.ERROR);
  }

  @ParameterizedTest
  @EnumSource(ErrorCode.class)
  void everyCodeHasACause(ErrorCode code) {
    assertThat(new RegistryException(code, "x").failureCause()).isNotNull();
  }

  @Test
  void readmeHasARowForEachCause() throws Exception {
    String readme = Files.readString(Path.of("README.md"));
    assertThat(readme).contains(BEGIN, END);
    String table = readme.substring(readme.indexOf(BEGIN), readme.indexOf(END));
    List<String> rows =
        Pattern.compile("^\\| `([a-z0-9-]+)` \\|", Pattern.MULTILINE)
            .matcher(table)
            .results()
            .map((MatchResult row) -> row.group(1))
            .toList();
    assertThat(rows)
        .containsExactlyElementsOf(
            Arrays.stream(FailureCause.values()).map(FailureCause::word).toList());
  }
}
