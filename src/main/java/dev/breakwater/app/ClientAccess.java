package dev.breakwater.app;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Htpasswd;
import dev.breakwater.access.HtpasswdFile;
import dev.breakwater.access.LoginLimits;
import dev.breakwater.access.PasswordLogins;
import dev.breakwater.access.Rule;
import dev.breakwater.access.Rules;
import dev.breakwater.config.AccessConfig;
import dev.breakwater.oci.Quoted;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what decides who clients are, as the configuration has it. */
final class ClientAccess {
  private static final Logger log = LoggerFactory.getLogger(ClientAccess.class);

  private ClientAccess() {}

  /** Reads the users and begins to watch their file. Blocks. */
  static AccessControl open(
      AccessConfig config, Vertx vertx, LongSupplier nanos, ClosingStack closing)
      throws StartupException {
    Rules rules = rules(config);
    if (config.htpasswd().isEmpty()) {
      return new AccessControl(Optional.empty(), rules);
    }
    Path path = config.htpasswd().get();
    HtpasswdFile file = open(path);
    closing.push("htpasswd", file::close);
    file.watch(vertx);
    warnOfUnknownUsers(config, path, file.users());
    Map<String, Set<String>> groups = groupsOfUsers(config.groups());
    PasswordLogins logins =
        new PasswordLogins(
            vertx,
            new PasswordLogins.Parts(
                file::users, user -> groups.getOrDefault(user, Set.of()), new LoginLimits(nanos)),
            nanos);
    closing.pushAwaited("logins", logins::close);
    log.info("clients can log in by {}; users: {}", path, file.users().hashes().size());
    return new AccessControl(Optional.of(logins), rules);
  }

  private static Rules rules(AccessConfig config) {
    return new Rules(
        config.rules().stream()
            .map(
                rule ->
                    new Rule(
                        rule.who(),
                        rule.registries(),
                        rule.repositories(),
                        Set.copyOf(rule.actions())))
            .toList());
  }

  private static HtpasswdFile open(Path path) throws StartupException {
    try {
      return HtpasswdFile.open(path);
    } catch (IOException e) {
      throw new StartupException("access.htpasswd: " + e.getMessage(), e);
    }
  }

  private static void warnOfUnknownUsers(AccessConfig config, Path path, Htpasswd users) {
    config
        .groups()
        .forEach((group, members) -> warn("access.groups." + group, members, path, users));
    for (int i = 0; i < config.rules().size(); i++) {
      List<String> named =
          config.rules().get(i).who().stream()
              .filter(word -> !word.startsWith("@"))
              .filter(word -> !word.equals(Rule.ANONYMOUS) && !word.equals(Rule.AUTHENTICATED))
              .toList();
      warn("access.rules[" + i + "].who", named, path, users);
    }
  }

  /** A user who is added to the file later is known then. */
  private static void warn(String key, List<String> named, Path path, Htpasswd users) {
    for (String user : named) {
      if (!users.hashes().containsKey(user)) {
        log.warn(
            "{}: {} cannot log in, because {} does not have that user", key, Quoted.of(user), path);
      }
    }
  }

  private static Map<String, Set<String>> groupsOfUsers(Map<String, List<String>> groups) {
    Map<String, Set<String>> byUser = new HashMap<>();
    groups.forEach(
        (group, members) ->
            members.forEach(
                member -> byUser.computeIfAbsent(member, same -> new HashSet<>()).add(group)));
    return byUser;
  }
}
