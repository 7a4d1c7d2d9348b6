package dev.breakwater.app;

import dev.breakwater.admin.AdminAccess;
import dev.breakwater.admin.AdminLogin;
import dev.breakwater.config.AdminConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may use the admin listener.
 *
 * @param rules as the listener checks them
 * @param localToken a token of this start for commands on this machine, if one is needed
 */
record OperatorAccess(AdminAccess rules, Optional<String> localToken) {
  private static final Logger log = LoggerFactory.getLogger(OperatorAccess.class);
  private static final Path HOST_NAME = Path.of("/proc/sys/kernel/hostname");
  private static final int TOKEN_BYTES = 32;

  /** As configured. Blocks shortly. */
  static OperatorAccess of(AdminConfig admin) {
    List<String> hosts = new ArrayList<>(admin.hosts());
    hosts.add(admin.address().host());
    hosts.addAll(machineNames());
    Optional<String> local = admin.token().map(configured -> randomToken());
    Optional<AdminLogin> login =
        admin
            .token()
            .map(configured -> new AdminLogin(List.of(configured.reveal(), local.orElseThrow())));
    return new OperatorAccess(new AdminAccess(hosts, login), local);
  }

  /** The name of this machine, with its domain and without; no name server is asked. */
  private static List<String> machineNames() {
    try {
      String name = Files.readString(HOST_NAME).strip();
      int dot = name.indexOf('.');
      return name.isEmpty()
          ? List.of()
          : dot > 0 ? List.of(name, name.substring(0, dot)) : List.of(name);
    } catch (IOException e) {
      log.debug("the name of this machine is not known", e);
      return List.of();
    }
  }

  private static String randomToken() {
    byte[] bytes = new byte[TOKEN_BYTES];
    new SecureRandom().nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
