package dev.breakwater.access;

import dev.breakwater.oci.Quoted;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The users of an htpasswd file with the bcrypt hashes of their passwords. Immutable.
 *
 * @param hashes the hash of each user, in the order of the file
 * @param problems one text for each line that was skipped, beginning with its number; no hash is in
 *     it
 */
public record Htpasswd(Map<String, PasswordHash> hashes, List<String> problems) {
  /** The largest file that is read, in bytes. */
  public static final int MAX_BYTES = 1024 * 1024;

  /** A file without users. */
  public static final Htpasswd EMPTY = new Htpasswd(Map.of(), List.of());

  private static final int LONGEST_NAME = 255;

  /** What lists of users have for all of them or all clients. */
  private static final Set<String> WORDS = Set.of("anonymous", "authenticated");

  public Htpasswd {
    hashes = java.util.Collections.unmodifiableMap(new LinkedHashMap<>(hashes));
    problems = List.copyOf(problems);
  }

  /** Reads a file's content. Any bytes can be read: what is no entry is a problem. */
  public static Htpasswd parse(byte[] content) {
    Map<String, PasswordHash> hashes = new LinkedHashMap<>();
    List<String> problems = new ArrayList<>();
    int number = 0;
    int start = 0;
    while (start < content.length) {
      int end = start;
      while (end < content.length && content[end] != '\n') {
        end++;
      }
      number++;
      take(number, ByteBuffer.wrap(content, start, end - start), hashes, problems);
      start = end + 1;
    }
    return new Htpasswd(hashes, problems);
  }

  private static void take(
      int number, ByteBuffer bytes, Map<String, PasswordHash> hashes, List<String> problems) {
    String line;
    try {
      line = StandardCharsets.UTF_8.newDecoder().decode(bytes).toString().strip();
    } catch (CharacterCodingException e) {
      problems.add("line " + number + " is not UTF-8 text");
      return;
    }
    if (line.isEmpty() || line.startsWith("#")) {
      return;
    }
    int colon = line.indexOf(':');
    if (colon < 0) {
      problems.add("line " + number + " has no colon between user and hash");
      return;
    }
    String user = line.substring(0, colon);
    Optional<String> wrong = nameProblem(user);
    if (wrong.isPresent()) {
      problems.add("line " + number + ": " + wrong.get());
      return;
    }
    try {
      // Some programs write further fields behind the hash.
      PasswordHash hash = PasswordHash.parse(line.substring(colon + 1).replaceFirst(":.*", ""));
      if (hashes.put(user, hash) != null) {
        problems.add(
            "line " + number + ": " + Quoted.of(user) + " is there twice; the last line counts");
      }
    } catch (IllegalArgumentException e) {
      problems.add("line " + number + ": the hash of " + Quoted.of(user) + " " + e.getMessage());
    }
  }

  /** Why no user can be called so; empty for a usable name. */
  public static Optional<String> nameProblem(String user) {
    if (user.isEmpty()) {
      return Optional.of("the user has no name");
    }
    if (user.length() > LONGEST_NAME) {
      return Optional.of("the name of the user has more than " + LONGEST_NAME + " characters");
    }
    if (user.chars().anyMatch(c -> c < ' ' || c == 0x7f || c == ':')) {
      return Optional.of("a user's name must not have a colon or a control character");
    }
    if (WORDS.contains(user) || user.startsWith("@")) {
      return Optional.of(
          Quoted.of(user)
              + " cannot be a user's name: rules have another meaning for it; choose another name");
    }
    return Optional.empty();
  }

  /** The user's hash; empty for an unknown user. */
  Optional<PasswordHash> hashOf(String user) {
    return Optional.ofNullable(hashes.get(user));
  }

  /** The highest cost of all hashes; that of a usual hash if there is none. */
  int highestCost() {
    return hashes.values().stream()
        .mapToInt(PasswordHash::cost)
        .max()
        .orElse(PasswordHash.USUAL_COST);
  }

  /** Tells nothing of the hashes. */
  @Override
  public String toString() {
    return "Htpasswd[" + hashes.size() + " users, " + problems.size() + " problems]";
  }
}
