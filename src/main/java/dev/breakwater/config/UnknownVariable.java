package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What to say of a {@code BREAKWATER_*} variable that sets nothing. One that was probably meant to
 * set something is an error, because the server would run with other settings than its operator
 * believes. Any other one is a warning: images define BREAKWATER_VERSION and the like.
 */
final class UnknownVariable {
  private static final String PREFIX = ConfigKey.ENVIRONMENT_PREFIX;
  private static final String UPSTREAMS = PREFIX + "UPSTREAMS_";

  /** Names that flags have, and names by which people look for a key. */
  private static final Map<String, String> OTHER_WORDS =
      Map.of(
          "LISTEN", "LISTENERS_0_ADDRESS",
          "ADMIN", "ADMIN_ADDRESS",
          "DATA", "DATA_DIRECTORY",
          "CONFIG_FILE", "CONFIG");

  private final Collection<String> known;
  private final Collection<String> labels;

  /**
   * @param known the variables that set something, with position 0 for those of lists
   * @param labels how the upstreams are called in variables: {@code DOCKER_IO}
   */
  UnknownVariable(Collection<String> known, Collection<String> labels) {
    this.known = known;
    this.labels = labels;
  }

  /** Adds an error, or returns a warning. */
  Optional<String> tell(String name, Problems problems) {
    String shown = Quoted.escape(name);
    if (unnamedUpstream(name).isPresent()) {
      problems.add(
          "environment variable "
              + shown
              + ": no upstream is called so; say which registry it is with "
              + UPSTREAMS
              + unnamedUpstream(name).get()
              + "_NAME, for example "
              + UPSTREAMS
              + unnamedUpstream(name).get()
              + "_NAME=registry.example.com");
      return Optional.empty();
    }
    Optional<String> meant = meant(name);
    if (meant.isPresent()) {
      problems.add("unknown environment variable " + shown + "; " + meant.get());
      return Optional.empty();
    }
    return Optional.of(
        "environment variable " + shown + " is ignored: it is not a setting of Breakwater");
  }

  /** The upstream that a variable of a known key is about, if its name is like none. */
  private Optional<String> unnamedUpstream(String name) {
    String keys =
        ConfigKeys.ALL.stream()
            .filter(key -> key.pattern().startsWith("upstreams.*."))
            .map(key -> key.environmentName().substring((UPSTREAMS + "NAME_").length()))
            .map(key -> key.replace("_0_", "_[0-9]+_"))
            .collect(Collectors.joining("|"));
    Matcher matcher = Pattern.compile(UPSTREAMS + "([A-Z0-9_]+?)_(" + keys + ")").matcher(name);
    return Optional.of(matcher)
        .filter(Matcher::matches)
        .map(found -> found.group(1))
        .filter(label -> Suggestion.nearest(label, labels).isEmpty());
  }

  private Optional<String> meant(String name) {
    String rest = name.substring(PREFIX.length());
    List<String> words =
        Stream.concat(known.stream(), EnvironmentLayer.NOT_KEYS.stream())
            .map(UnknownVariable::rest)
            .toList();
    return Suggestion.nearest(rest, words)
        .or(() -> Optional.ofNullable(OTHER_WORDS.get(rest)))
        .or(() -> Optional.of("CACHE_" + rest).filter(longer -> known.contains(PREFIX + longer)))
        .map(word -> "did you mean " + PREFIX + word + "?")
        .or(() -> sameSection(rest));
  }

  /** The variables that begin with the same word, such as CACHE. */
  private Optional<String> sameSection(String rest) {
    String section = rest.replaceFirst("_.*", "");
    List<String> there =
        known.stream()
            .filter(name -> (rest(name) + "_").startsWith(section + "_"))
            .filter(name -> !name.startsWith(UPSTREAMS))
            .toList();
    if (section.equals("UPSTREAMS")) {
      return Optional.of("conf/breakwater.yaml names the variables of an upstream");
    }
    return switch (there.size()) {
      case 0 -> Optional.empty();
      case 1 -> Optional.of("did you mean " + there.getFirst() + "?");
      default -> Optional.of("known there: " + String.join(", ", there));
    };
  }

  private static String rest(String name) {
    return name.substring(PREFIX.length());
  }
}
