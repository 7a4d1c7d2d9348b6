package dev.breakwater.config;

import dev.breakwater.oci.Quoted;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Builds the record of the admin listener, and checks that strangers cannot command it. */
final class AdminAssembly {
  private static final long MAX_TOKEN_BYTES = 64 * 1024;

  /** In characters: too long to be guessed by trying. */
  private static final int SHORTEST_TOKEN = 16;

  private static final String MAKE_ONE = "make one with: openssl rand -hex 32";

  private final Settings settings;
  private final List<String> warnings;

  /** {@code warnings} takes a line for each setting that works and is dangerous. */
  AdminAssembly(Settings settings, List<String> warnings) {
    this.settings = settings;
    this.warnings = warnings;
  }

  /** The record, or what keeps the configuration from being used is added to the problems. */
  AdminConfig assemble(List<ListenerConfig> listeners) {
    ListenAddress address = settings.get(ConfigKeys.ADMIN_ADDRESS);
    boolean isReadable = settings.isReadable(ConfigKeys.ADMIN_ADDRESS);
    if (isReadable && ListenerAssembly.isTaken(address, listeners)) {
      settings.refuse(
          "a listener has the port of " + address + "; choose another one",
          ConfigKeys.ADMIN_ADDRESS);
    }
    List<String> hosts = settings.get(AdminKeys.HOSTS);
    boolean hasToken =
        settings.isWritten(AdminKeys.TOKEN) || settings.isWritten(AdminKeys.TOKEN_FILE);
    Optional<Secret> token = token();
    boolean anonymous = settings.get(AdminKeys.ANONYMOUS);
    if (hasToken && anonymous) {
      settings.refuse(
          "it says that no token is needed, and there is one; remove one of them",
          AdminKeys.ANONYMOUS);
    } else if (isReadable && !address.isLoopback() && !hasToken) {
      requireConsent(address, anonymous);
    }
    return new AdminConfig(address, hosts, token);
  }

  /** Without a token other machines may purge the cache, so the operator must have meant it. */
  private void requireConsent(ListenAddress address, boolean anonymous) {
    String danger =
        "the admin listener on "
            + address
            + " can be reached from other machines and asks for no token: all that reach it can"
            + " purge the cache and stop requests to upstream";
    if (anonymous) {
      warnings.add(
          settings.originOf(AdminKeys.ANONYMOUS).blame(AdminKeys.ANONYMOUS.at()) + " " + danger);
    } else if (settings.isReadable(AdminKeys.ANONYMOUS)) {
      settings.refuse(
          danger
              + "; listen on 127.0.0.1:"
              + address.port()
              + ", or write a token into a file and its path into admin.tokenFile"
              + " (BREAKWATER_ADMIN_TOKEN_FILE), or if that is meant admin.anonymous: true"
              + " (BREAKWATER_ADMIN_ANONYMOUS=true)",
          ConfigKeys.ADMIN_ADDRESS);
    }
  }

  private Optional<Secret> token() {
    Optional<Secret> written = settings.find(AdminKeys.TOKEN);
    Optional<Path> file = settings.find(AdminKeys.TOKEN_FILE);
    if (written.isPresent() && file.isPresent()) {
      settings.refuse("there is admin.token as well; keep one of them", AdminKeys.TOKEN_FILE);
      return Optional.empty();
    }
    written
        .flatMap(token -> weakness(token.reveal()))
        .ifPresent(
            weakness ->
                settings.refuse("the token " + weakness + "; " + MAKE_ONE, AdminKeys.TOKEN));
    return written.or(() -> file.flatMap(this::read));
  }

  private Optional<Secret> read(Path file) {
    String problem;
    try {
      if (!Files.exists(file)) {
        problem = "does not exist";
      } else if (!Files.isReadable(file) || Files.isDirectory(file)) {
        problem = "cannot be read";
      } else if (Files.size(file) > MAX_TOKEN_BYTES) {
        problem = "is too large for a token";
      } else {
        String text = Files.readString(file).replaceFirst("\\R\\z", "");
        Optional<String> weakness = weakness(text);
        if (weakness.isEmpty()) {
          return Optional.of(new Secret(text));
        }
        problem = "holds a token that " + weakness.get();
      }
    } catch (CharacterCodingException e) {
      problem = "is not UTF-8 text";
    } catch (IOException e) {
      problem = "cannot be read";
    }
    settings.refuse(
        "the token file " + Quoted.of(file.toString()) + " " + problem + "; " + MAKE_ONE,
        AdminKeys.TOKEN_FILE);
    return Optional.empty();
  }

  /** Why it cannot be a token: it could be guessed, or not be sent in a header. */
  private static Optional<String> weakness(String token) {
    if (token.length() < SHORTEST_TOKEN) {
      return Optional.of("has less than " + SHORTEST_TOKEN + " characters");
    }
    return token.chars().allMatch(c -> c > ' ' && c < 0x7f)
        ? Optional.empty()
        : Optional.of("has a space, or a character that is not ASCII");
  }
}
