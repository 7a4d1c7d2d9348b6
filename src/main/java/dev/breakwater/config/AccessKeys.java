package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
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

  private AccessKeys() {}

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
