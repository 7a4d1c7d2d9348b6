package dev.breakwater.app;

import dev.breakwater.access.AccessControl;
import dev.breakwater.access.Htpasswd;
import dev.breakwater.access.HtpasswdFile;
import dev.breakwater.access.LoginLimits;
import dev.breakwater.access.PasswordLogins;
import dev.breakwater.access.Rule;
import dev.breakwater.access.Rules;
import dev.breakwater.access.TokenKey;
import dev.breakwater.access.Tokens;
import dev.breakwater.config.AccessConfig;
import dev.breakwater.config.Config;
import dev.breakwater.config.Face;
import dev.breakwater.config.ListenerConfig;
import dev.breakwater.oci.Quoted;
import dev.breakwater.storage.StorageLayout;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes what decides who clients are, as the configuration has it. */
final class ClientAccess {
  private static final Logger log = LoggerFactory.getLogger(ClientAccess.class);

  private ClientAccess() {}

  /** Reads the users and begins to watch their file. Blocks. */
  static AccessControl open(
      Config whole, Vertx vertx, TestOverrides overrides, ClosingStack closing)
      throws StartupException {
    AccessConfig config = whole.access();
    Rules rules = rules(config);
    if (config.htpasswd().isEmpty()) {
      return new AccessControl(Optional.empty(), rules);
    }
    Path path = config.htpasswd().get();
    HtpasswdFile file = open(path);
    closing.push("htpasswd", file::close);
    file.watch(vertx);
    warnOfUnknownUsers(config, path, file.users());
    Map<String, Set<String>> byUser = groupsOfUsers(config.groups());
    Function<String, Set<String>> groups = user -> byUser.getOrDefault(user, Set.of());
    PasswordLogins logins =
        new PasswordLogins(
            vertx,
            new PasswordLogins.Parts(file::users, groups, new LoginLimits(overrides.nanos())),
            overrides.nanos());
    closing.pushAwaited("logins", logins::close);
    Tokens tokens =
        new Tokens(
            tokenKey(new StorageLayout(whole.data().directory())),
            file::users,
            groups,
            overrides.clock());
    log.info("clients can log in by {}; users: {}", path, file.users().hashes().size());
    whole.listeners().stream()
        .filter(listener -> listener.face() == Face.BOTH)
        .forEach(ClientAccess::warnOfMirroring);
    return new AccessControl(Optional.of(new AccessControl.Logins(logins, tokens)), rules);
  }

  private static byte[] tokenKey(StorageLayout layout) throws StartupException {
    try {
      return TokenKey.load(layout.tokenKey());
    } catch (IOException e) {
      throw new StartupException(String.valueOf(e.getMessage()), e);
    }
  }

  private static void warnOfMirroring(ListenerConfig listener) {
    log.warn(
        "listener {} has the face both and asks for logins: a dockerd that has it in"
            + " registry-mirrors and a login for Docker Hub sends it that login and then pulls from"
            + " Docker Hub; give it a listener with the face mirror",
        listener.address());
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
