package dev.breakwater;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What sources and documents cite is in the repository: documents, anchors, tests and classes. */
class CitedDocumentsTest {
  private static final List<String> DOCUMENTS =
      List.of("README.md", "ARCHITECTURE.md", "CONTRIBUTING.md");
  private static final List<String> SOURCES =
      List.of("src", "conf", ".ci", "pom.xml", "README.md", "ARCHITECTURE.md", "CONTRIBUTING.md");

  /** From the top of the repository: {@code docs/memory.md}, maybe with an anchor. */
  private static final Pattern CITATION =
      Pattern.compile("(?<![\\w./-])([\\w.-]+(?:/[\\w.-]+)*\\.md)\\b(?:#([\\w-]+))?");

  /** In Markdown, from the document itself. */
  private static final Pattern LINK =
      Pattern.compile("\\]\\((?!https?:)([^)#\\s]*)(?:#([^)]+))?\\)");

  private static final Pattern ANCHOR = Pattern.compile("<a id=\"([^\"]+)\"></a>");
  private static final Pattern HEADING = Pattern.compile("(?m)^#+ (.+)$");

  /** A section, finding or test number of a document that only its author has. */
  private static final Pattern FOREIGN =
      Pattern.compile("(?<!RFC \\d{4} )§ ?\\d|\\bfindings? \\d|\\bT-\\d\\d\\b");

  private static final Pattern LINE_BREAK_IN_COMMENT = Pattern.compile("\\s*\\n\\s*(?:\\*|//|#) ?");
  private static final Pattern CLASS = Pattern.compile("`([A-Z][a-z0-9]+[A-Z]\\w*)`");

  /** Names of libraries. */
  private static final Set<String> OTHER_CLASSES =
      Set.of("ClassNotFoundException", "NoSuchMethodError", "VertxConnection");

  private final Set<String> wrong = new TreeSet<>();

  private static List<Path> documents() throws IOException {
    List<Path> all = new ArrayList<>();
    DOCUMENTS.forEach(name -> all.add(Path.of(name)));
    try (Stream<Path> files = Files.list(Path.of("docs"))) {
      files.filter(file -> file.toString().endsWith(".md")).forEach(all::add);
    }
    return all;
  }

  private static List<Path> sources() throws IOException {
    List<Path> all = new ArrayList<>();
    for (String root : SOURCES) {
      try (Stream<Path> files = Files.walk(Path.of(root))) {
        files
            .filter(Files::isRegularFile)
            .filter(file -> !file.endsWith("CitedDocumentsTest.java"))
            .forEach(all::add);
      }
    }
    return all;
  }

  private void check(Path from, String document, String anchor) throws IOException {
    Path cited = Path.of(document).normalize();
    if (!Files.isRegularFile(cited)) {
      wrong.add(from + ": " + document + " does not exist");
    } else if (anchor != null && !anchors(Files.readString(cited)).contains(anchor)) {
      wrong.add(from + ": " + document + " has no anchor " + anchor);
    }
  }

  private static Set<String> anchors(String text) {
    Set<String> anchors = new HashSet<>();
    ANCHOR.matcher(text).results().forEach(match -> anchors.add(match.group(1)));
    HEADING.matcher(text).results().forEach(match -> anchors.add(anchorOf(match.group(1))));
    return anchors;
  }

  /** As GitHub makes it of a heading. */
  private static String anchorOf(String heading) {
    return heading.toLowerCase(Locale.ROOT).replaceAll("[^\\p{L}\\p{N} _-]", "").replace(' ', '-');
  }

  @Test
  void everyDocumentThatASourceCitesExists() throws IOException {
    int citations = 0;
    for (Path source : sources()) {
      Matcher matcher = CITATION.matcher(Files.readString(source));
      while (matcher.find()) {
        citations++;
        check(source, matcher.group(1), matcher.group(2));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(citations).isGreaterThan(20);
  }

  @Test
  void everyLinkOfADocumentLeadsSomewhere() throws IOException {
    int links = 0;
    for (Path document : documents()) {
      Matcher matcher = LINK.matcher(Files.readString(document));
      while (matcher.find()) {
        links++;
        Path linked =
            matcher.group(1).isEmpty() ? document : document.resolveSibling(matcher.group(1));
        check(document, linked.toString(), matcher.group(2));
      }
    }
    assertThat(wrong).isEmpty();
    assertThat(links).isGreaterThan(20);
  }

  @Test
  void anchorsAreUnique() throws IOException {
    for (Path document : documents()) {
      assertThat(ANCHOR.matcher(Files.readString(document)).results().map(m -> m.group(1)))
          .as("%s", document)
          .doesNotHaveDuplicates();
    }
  }

  @Test
  void noSourceCitesWhatIsNotInTheRepository() throws IOException {
    for (Path source : sources()) {
      String text = LINE_BREAK_IN_COMMENT.matcher(Files.readString(source)).replaceAll(" ");
      FOREIGN
          .matcher(text)
          .results()
          .map(MatchResult::group)
          .forEach(citation -> wrong.add(source + ": " + citation));
    }
    assertThat(wrong).isEmpty();
  }

  @Test
  void everyClassThatADocumentNamesExists() throws IOException {
    Set<String> classes = new HashSet<>(OTHER_CLASSES);
    try (Stream<Path> files = Files.walk(Path.of("src"))) {
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith(".java"))
          .forEach(name -> classes.add(name.substring(0, name.length() - ".java".length())));
    }
    for (Path document : documents()) {
      CLASS
          .matcher(Files.readString(document))
          .results()
          .map(match -> match.group(1))
          .filter(name -> !classes.contains(name))
          .forEach(name -> wrong.add(document + ": " + name));
    }
    assertThat(wrong).isEmpty();
  }
}
