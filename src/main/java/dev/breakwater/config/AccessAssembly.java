package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

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
    return new AccessConfig(htpasswd, groups);
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
