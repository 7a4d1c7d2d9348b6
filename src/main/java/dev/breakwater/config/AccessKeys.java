package dev.breakwater.config;

import dev.breakwater.oci.Action;
import dev.breakwater.oci.Quoted;
import dev.breakwater.oci.RepositoryPattern;
import dev.breakwater.oci.ZoneName;
import java.nio.file.Path;
import java.util.List;

/** The keys of logins and of what they allow. */
final class AccessKeys {
  static final ConfigKey<Path> HTPASSWD =
      ConfigKey.optional(
          "access.htpasswd",
          "path",
          "The file with the users and the bcrypt hashes of their passwords, as breakwater htpasswd"
              + " and htpasswd -B write it. It is read again when it changes. Without it no client"
              + " can log in.",
          ConfigKeys::path);
  static final ConfigKey<List<String>> GROUP =
      ConfigKey.list(
          "access.groups.*",
          "list of users",
          "The users of the group NAME, which is called @NAME elsewhere.",
          AccessKeys::user);

  static final ConfigKey<List<String>> WHO =
      ConfigKey.list(
          "access.rules[].who",
          "list of users and groups",
          "Whom the rule is for: names of users, @NAME for a group, authenticated for all users,"
              + " anonymous for all clients with or without a login.",
          AccessKeys::who);
  static final ConfigKey<List<ZoneName>> REGISTRIES =
      ConfigKey.list(
          "access.rules[].registries",
          "list of registries",
          "The registries the rule is for, such as docker.io; empty: all.",
          ZoneName::new);
  static final ConfigKey<List<RepositoryPattern>> REPOSITORIES =
      ConfigKey.list(
          "access.rules[].repositories",
          "list of patterns",
          "The repositories the rule is for, by their names within the registry, such as team/*; *"
              + " for all. * is any text, ? any character, [0-9] one of these.",
          RepositoryPattern::parse);
  static final ConfigKey<List<Action>> ACTIONS =
      ConfigKey.list(
          "access.rules[].actions",
          Choice.words(Action.class, ", "),
          "What the rule lets through. What no rule lets through is refused; without any rule all"
              + " clients may pull, and users may push and delete.",
          text -> Choice.parse(Action.class, text));

  private AccessKeys() {}

  private static String who(String text) {
    if (text.startsWith("@")) {
      requireGroupName(text.substring(1));
      return text;
    }
    return user(text);
  }

  private static String user(String text) {
    if (text.startsWith("@")) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is a group, and a group holds users only; write its users");
    }
    if (text.isEmpty() || text.indexOf(':') >= 0) {
      throw new IllegalArgumentException(
          Quoted.of(text) + " is not the name of a user; write it as in the htpasswd file");
    }
    return text;
  }

  /** Checks the name of a group. */
  static void requireGroupName(String text) {
    if (!text.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,63}")) {
      throw new IllegalArgumentException(
          Quoted.of(text)
              + " is not the name of a group; write letters, digits, '.', '_' and '-', without @");
    }
  }
}
