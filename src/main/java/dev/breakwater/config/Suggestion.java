package dev.breakwater.config;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** What an unknown word was probably meant to be. */
final class Suggestion {
  private Suggestion() {}

  /** For an unknown key among the known ones at its place: the end of an error message. */
  static String forKey(String unknown, List<String> known) {
    return nearest(unknown, known)
        .or(() -> elsewhere(unknown))
        .map(meant -> "did you mean " + meant + "?")
        .orElseGet(() -> "known here: " + String.join(", ", known));
  }

  /** The known word that takes the fewest typing errors, if they are few. */
  static Optional<String> nearest(String unknown, Collection<String> known) {
    return known.stream()
        .min(Comparator.comparingInt(word -> distance(unknown, word)))
        .filter(word -> distance(unknown, word) <= Math.max(1, word.length() / 3));
  }

  /** The full name of a key that exists at another place. */
  private static Optional<String> elsewhere(String unknown) {
    return ConfigKeys.ALL.stream()
        .filter(key -> key.segments().getLast().equalsIgnoreCase(unknown))
        .map(ConfigKey::displayName)
        .findFirst();
  }

  /**
   * Edit distance in which a swap of neighbours counts as one error and a difference of case as
   * none (optimal string alignment).
   */
  private static int distance(String first, String second) {
    String a = first.toLowerCase(Locale.ROOT);
    String b = second.toLowerCase(Locale.ROOT);
    int[][] cost = new int[a.length() + 1][b.length() + 1];
    for (int i = 0; i <= a.length(); i++) {
      for (int j = 0; j <= b.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        int replace = cost[i - 1][j - 1] + (a.charAt(i - 1) == b.charAt(j - 1) ? 0 : 1);
        cost[i][j] = Math.min(replace, 1 + Math.min(cost[i - 1][j], cost[i][j - 1]));
        boolean swapped =
            i > 1
                && j > 1
                && a.charAt(i - 1) == b.charAt(j - 2)
                && a.charAt(i - 2) == b.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[a.length()][b.length()];
  }
}
