package dev.breakwater.config;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Builds the record of logins, and checks that what it names is there. */
final class AccessAssembly {
  private static final String WITHOUT_USERS =
      "no client can log in without access.htpasswd; write the path of a file that breakwater"
          + " htpasswd makes (BREAKWATER_ACCESS_HTPASSWD)";

  private final Settings settings;

  AccessAssembly(Settings settings) {
    this.settings = settings;
  }

  /** The record, or what keeps the configuration from being used is added to the problems. */
  AccessConfig assemble() {
    Optional<Path> htpasswd = settings.find(AccessKeys.HTPASSWD);
    htpasswd.ifPresent(this::requireReadable);
    boolean hasUsers = settings.isWritten(AccessKeys.HTPASSWD);
    Map<String, List<String>> groups = new LinkedHashMap<>();
    for (String name : settings.namesBelow(Settings.GROUPS)) {
      groups.put(name, settings.get(AccessKeys.GROUP, name));
    }
    if (!groups.isEmpty() && !hasUsers) {
      settings.refuse(WITHOUT_USERS, Settings.GROUPS);
    }
    List<AccessRule> rules =
        settings.positionsBelow(Settings.RULES).stream()
            .map(position -> rule(position, hasUsers, groups.keySet()))
            .toList();
    return new AccessConfig(htpasswd, groups, rules);
  }

  private AccessRule rule(String position, boolean hasUsers, Set<String> groups) {
    List<String> who = settings.get(AccessKeys.WHO, position);
    List<ZoneName> registries = settings.get(AccessKeys.REGISTRIES, position);
    List<RepositoryPattern> repositories = settings.get(AccessKeys.REPOSITORIES, position);
    List<Action> actions = settings.get(AccessKeys.ACTIONS, position);
    KeyPath place = Settings.RULES.child(position);
    if (settings.isReadable(place)) {
      requireSome(who, AccessKeys.WHO, position, "anonymous, authenticated, a user or a @group");
      requireSome(repositories, AccessKeys.REPOSITORIES, position, "*");
      requireSome(actions, AccessKeys.ACTIONS, position, "pull");
      who.forEach(word -> requireKnown(word, position, hasUsers, groups));
      registries.forEach(name -> requireRegistry(name, position));
      repositories.forEach(pattern -> requireWithinRegistry(pattern, position));
    }
    return new AccessRule(who, registries, repositories, actions);
  }

  /** An empty list would be a rule that means nothing, and easily something else. */
  private void requireSome(List<?> values, ConfigKey<?> key, String position, String example) {
    if (values.isEmpty()) {
      settings.refuse(
          "the rule has no " + key.segments().getLast() + "; write for example " + example,
          settings.isWritten(key, position) ? key.at(position) : Settings.RULES.child(position));
    }
  }

  private void requireKnown(String word, String position, boolean hasUsers, Set<String> groups) {
    if (word.startsWith("@") && !groups.contains(word.substring(1))) {
      settings.refuse(
          Quoted.of(word)
              + " is not a group; "
              + Suggestion.nearest(word.substring(1), groups)
                  .map(meant -> "did you mean @" + meant + "?")
                  .orElse("add access.groups." + word.substring(1)),
          AccessKeys.WHO,
          position);
    } else if (!word.equals("anonymous") && !hasUsers) {
      settings.refuse(WITHOUT_USERS, AccessKeys.WHO, position);
    }
  }

  private void requireRegistry(ZoneName name, String position) {
    List<String> known = settings.namesBelow(Settings.UPSTREAMS);
    if (!known.contains(name.value()) && !name.value().equals("hosted")) {
      settings.refuse(
          Quoted.of(name.value())
              + " is not an upstream; "
              + Suggestion.nearest(name.value(), known)
                  .map(meant -> "did you mean " + meant + "?")
                  .orElse("choose from " + String.join(", ", known)),
          AccessKeys.REGISTRIES,
          position);
    }
  }

  /** Such a pattern matches nothing, or another repository than the one that is meant. */
  private void requireWithinRegistry(RepositoryPattern pattern, String position) {
    String text = pattern.toString();
    settings.namesBelow(Settings.UPSTREAMS).stream()
        .filter(name -> text.startsWith(name + "/"))
        .findFirst()
        .ifPresent(
            name ->
                settings.refuse(
                    Quoted.of(text)
                        + " begins with the name of a registry; write "
                        + text.substring(name.length() + 1)
                        + " and registries: ["
                        + name
                        + "]",
                    AccessKeys.REPOSITORIES,
                    position));
  }

  private void requireReadable(Path file) {
    String problem;
    if (!Files.exists(file)) {
      problem = "does not exist; make it with: breakwater htpasswd " + file + " USER";
    } else if (!Files.isReadable(file) || !Files.isRegularFile(file)) {
      problem = "cannot be read; check its permissions";
    } else {
      return;
    }
    settings.refuse("the file " + Quoted.of(file.toString()) + " " + problem, AccessKeys.HTPASSWD);
  }
}
