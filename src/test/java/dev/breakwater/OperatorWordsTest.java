package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
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

  @Test
  void textsForOperatorsHaveNoUnclearWords() throws IOException {
    List<String> unclear = new ArrayList<>();
    try (Stream<Path> files = Files.walk(Path.of("src", "main", "java"))) {
      for (Path file : files.filter(path -> path.toString().endsWith(".java")).toList()) {
        String code = COMMENT.matcher(Files.readString(file)).replaceAll("");
        TEXT.matcher(code)
            .results()
            .map(text -> text.group())
            .filter(text -> UNCLEAR.matcher(text).find())
            .forEach(text -> unclear.add(file.getFileName() + ": " + text));
      }
    }
    assertThat(unclear).isEmpty();
  }
}
