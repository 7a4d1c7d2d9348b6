package dev.breakwater.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What an operator copies from the README. */
final class Readme {
  private static final Path FILE = Path.of("README.md");
  private static final String FENCE = "```";

  private Readme() {}

  /**
   * The text that the README shows for a kind of client.
   *
   * @param client how the line above the text begins
   * @param address what the operator writes for {@code HOST:5000}
   */
  static String recipe(String client, String address) {
    String readme = read();
    int heading = readme.indexOf("\n**" + client);
    int begin = heading < 0 ? -1 : readme.indexOf(FENCE, heading);
    int end = begin < 0 ? -1 : readme.indexOf(FENCE, begin + FENCE.length());
    if (end < 0) {
      throw new AssertionError("README.md has no recipe for " + client);
    }
    String text = readme.substring(readme.indexOf('\n', begin) + 1, end);
    if (!text.contains("HOST:5000")) {
      throw new AssertionError("the recipe for " + client + " does not name HOST:5000: " + text);
    }
    return text.replace("HOST:5000", address);
  }

  private static String read() {
    try {
      return Files.readString(FILE);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
