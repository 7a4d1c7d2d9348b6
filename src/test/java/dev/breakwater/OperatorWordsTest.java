package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * What an operator reads (log lines, errors, help, metrics: every text in the sources) is plain
 * technical English, for a reader whose second language it is.
 */
class OperatorWordsTest {
  /** Words of the code that are not the operator's, and figures of speech. */
  private static final Pattern UNCLEAR =
      Pattern.compile(
          "\\bzones?\\b|\\bnobody|\\bwhoever|\\b(every|some)body|cannot be (had|told)|\\bunwell"
              + "|set aside|moved aside|for good measure|room is needed|rests? of (a )?downloads?"
              + "|orderly way|took no note|did not close well|whatever stands|rotted"
              + "|bytes to their ends",
          Pattern.CASE_INSENSITIVE);

  private static final Pattern TEXT = Pattern.compile("\"(?:[^\"\\\\\\n]|\\\\.)*\"");
  private static final Pattern COMMENT = Pattern.compile("(?s)/\\*.*?\\*/|(?m)^\\s*//.*$");

  /** The name of an exception's class is in its toString. */
  private static final Pattern EXCEPTION_IN_A_LOG_LINE =
      Pattern.compile(
          "(?i)\\blog\\.(?:info|warn|error)\\([^;]*\\b(?:e|failure|cause|error|exception)"
              + "\\.toString\\(\\)");

  @Test
  void textsForOperatorsHaveNoUnclearWords() throws IOException {
    assertThat(
            found(
                code ->
                    TEXT.matcher(code)
                        .results()
                        .map(MatchResult::group)
                        .filter(text -> UNCLEAR.matcher(text).find())))
        .isEmpty();
  }

  @Test
  void logLinesHaveNoNamesOfExceptions() throws IOException {
    assertThat(
            found(code -> EXCEPTION_IN_A_LOG_LINE.matcher(code).results().map(MatchResult::group)))
        .isEmpty();
  }

  private static List<String> found(Function<String, Stream<String>> search) throws IOException {
    List<String> found = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        search
            .apply(COMMENT.matcher(Files.readString(file)).replaceAll(""))
            .forEach(text -> found.add(file.getFileName() + ": " + text));
      }
    }
    return found;
  }
}
